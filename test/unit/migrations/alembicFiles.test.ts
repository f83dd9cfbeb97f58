import assert from 'node:assert/strict';
import { placesOf, readAlembicIni, readAlembicToml } from '../../../src/migrations/alembicConfig';
import { detectMigrations } from '../../../src/migrations/detect';
import { readPlainModule } from '../../../src/migrations/plainPython';
import { pythonReader, readModule, readModules } from '../../../src/migrations/python';
import { readFolder, statusOf } from '../../../src/migrations/status';
import { makeMigrations } from '../lint/corpus';

describe('the configuration of Alembic', () => {
  it('is read as Python reads it', () => {
    const text =
      '; x\n[other]\nscript_location = no\n[alembic]\n# script_location = no\nscript_location = %(here)s/db/migrations\nprepend_sys_path = .\nversion_locations =\n  %(here)s/a\n  b\npath_separator = newline\n\n[post_write_hooks]\n';
    assert.deepEqual(readAlembicIni(text), { scriptLocation: './db/migrations', versionLocations: ['./a', 'b'], recursive: false, prependPath: ['.'] });
  });

  it('may be in pyproject.toml', () => {
    const text =
      '[project]\nname = "x"\n[tool.alembic]\nscript_location = "%(here)s/alembic"\nversion_locations = [\n  "a", # first\n  \'b\',\n]\nrecursive_version_locations = true\n[tool.other]\nscript_location = "no"\n';
    assert.deepEqual(readAlembicToml(text), { scriptLocation: './alembic', versionLocations: ['a', 'b'], recursive: true, prependPath: [] });
    assert.equal(readAlembicToml('[tool.poetry]\nname = "x"\n'), undefined);
  });

  it('may name a folder in a package', () => {
    assert.deepEqual(placesOf('shop.db:migrations', 'backend', ['lib']), [
      'backend/lib/shop/db/migrations',
      'backend/shop/db/migrations',
      'backend/src/shop/db/migrations',
    ]);
  });
});

describe('a revision file', () => {
  const cases: readonly (readonly [what: string, text: string, expected: Readonly<Record<string, readonly string[] | undefined>>])[] = [
    ['plain', 'revision = "a"\ndown_revision = None\n', { revision: ['a'], down_revision: [] }],
    ['annotated', 'from typing import Union\nrevision: str = \'a\'\ndown_revision: Union[str, None] = "b"\n', { revision: ['a'], down_revision: ['b'] }],
    ['a tuple', 'revision = "a"\ndown_revision = ("b", "c",)\n', { down_revision: ['b', 'c'] }],
    ['a list with a comment', 'revision = "a"\nbranch_labels = [\n    "x",  # why\n]\n', { branch_labels: ['x'] }],
    ['in brackets', 'revision = ("a"\n    "b")\n', { revision: ['ab'] }],
    ['computed', 'revision = make("a")\n', { revision: undefined }],
    ['an f-string', 'revision = f"a{x}"\n', { revision: undefined }],
    ['behind a docstring with code', '"""x\n\ndef old():\n"""\nrevision = "a"\n', { revision: ['a'] }],
    ['half typed', 'revision = "a"\ndown_revision = "b\n\ndef upgrade():\n', { revision: ['a'] }],
  ];
  for (const [what, text, expected] of cases) {
    it(`is read: ${what}`, async () => {
      const { assigned } = readModule(text, await pythonReader());
      for (const [name, value] of Object.entries(expected)) assert.deepEqual(assigned.get(name), value);
    });
  }

  it('is read without the parser as with it, however it is cut or changed', async () => {
    const parse = await pythonReader();
    const plain = `"""Add it\n\nRevision ID: b\nCreate Date: 2026-01-01\n"""\nfrom typing import Sequence, Union\nfrom alembic import op\nimport sqlalchemy as sa\n\n# identifiers\nrevision: str = 'b'\ndown_revision: Union[str, Sequence[str], None] = ('a', "x",)  # why\nbranch_labels = None\ndepends_on = ["c"]\r\n\n\ndef upgrade() -> None:\n    pass\n`;
    const signs = ['"', "'", '"""', '\\', '(', ')', ',', '=', '\n', '\r', ' ', 'f', 'x', '#', ';', '\t', '"c" "d"', 'r', 'None', ':', '[', '{'];
    const texts = [
      plain,
      ...cases.map(([, text]) => text),
      ...makeMigrations(200).map(({ text }) => text),
      ...Array.from(plain, (_, at) => plain.slice(0, at)),
      ...Array.from(plain, (_, at) => signs.map((sign) => plain.slice(0, at) + sign + plain.slice(at))).flat(),
      ...Array.from(plain, (_, at) => plain.slice(0, at) + plain.slice(at + 1)),
    ];
    const read = await readModules(texts);
    for (const [index, text] of texts.entries()) assert.deepEqual(read[index], readModule(text, parse), JSON.stringify(text));
    const head = plain.slice(0, plain.indexOf('def '));
    assert.deepEqual(readPlainModule(head), readModule(plain, parse), 'what is generated takes no parser');
    assert.equal(readPlainModule('revision = make()\n'), undefined);
  });

  it('that is there twice, or lacks its parent, is told', async () => {
    const files: Readonly<Record<string, string>> = {
      'alembic.ini': '[alembic]\nscript_location = a\n',
      'a/versions/1.py': 'revision = "a"\ndown_revision = "gone"\n',
      'a/versions/2.py': 'revision = "a"\ndown_revision = None\n',
      'a/versions/3.py': 'revision = compute()\n',
      'a/versions/.#4.py': 'revision = "d"\n',
    };
    const workspace = { files: Object.keys(files), read: async (file: string) => files[file] };
    const [folder] = await detectMigrations(workspace);
    assert.ok(folder !== undefined);
    const { problems, revisions } = statusOf(await readFolder(workspace, '/', folder));
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['unreadable-file', 'duplicate-revision', 'missing-parent'],
    );
    assert.deepEqual(
      revisions.map(({ file }) => file),
      ['a/versions/1.py'],
    );
  });
});
