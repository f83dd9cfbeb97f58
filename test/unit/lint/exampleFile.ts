/** An example of a rule as a file: what stands in `upgrade()`, whole functions, or SQL. */
export function exampleFile(example: string): { readonly file: string; readonly text: string } {
  if (!/\b(op\.|def )/.test(example)) return { file: '001_example.sql', text: example };
  const header = "from alembic import op\nimport sqlalchemy as sa\n\nrevision = 'b'\ndown_revision = 'a'\n\n\n";
  if (/^def /m.test(example)) return { file: 'example.py', text: `${header}${example}\n` };
  const body = example
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
  return { file: 'example.py', text: `${header}def upgrade():\n${body}\n\n\ndef downgrade():\n    raise NotImplementedError\n` };
}
