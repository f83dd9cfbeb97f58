import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { waitFor } from '../lab/process';
import type { Workbench } from '../lab/workbench';
import { themes, useEditor } from './support/editor';
import type { Stack } from './support/stack';

const revision = '9f_pending';

/** A pending revision on top of what the database has. */
const migration = (parent: string): string => `"""Users must have a country."""

import sqlalchemy as sa
from alembic import op

revision = "${revision}"
down_revision = "${parent}"


def upgrade() -> None:
    op.add_column("users", sa.Column("country", sa.Text(), nullable=False))


def downgrade() -> None:
    op.drop_column("users", "country")
`;

// A developer writes a migration: is warned with what the database holds, lets it be mended, and the warning is gone.
describe('warnings in migrations', () => {
  let stack: Stack;
  let workbench: Workbench;
  let file: string;

  const editor = useEditor('reims-lint', {
    prepare: async (started) => {
      stack = started;
      const folder = path.join(stack.folder, 'migrations', 'versions');
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(stack.folder, 'alembic.ini'), '[alembic]\nscript_location = migrations\n');
      await writeFile(path.join(stack.folder, 'migrations', 'env.py'), '# Connects.\n');
      // A second database of the same migrations, which has none of them yet.
      await stack.sql('CREATE DATABASE reims_old');
      await stack.sql('CREATE TABLE alembic_version (version_num text)', 'reims_old');
      const head = await stack.sql('SELECT version_num FROM alembic_version LIMIT 1');
      await writeFile(
        path.join(folder, 'head.py'),
        `from alembic import op\n\nrevision = "${head}"\ndown_revision = None\n\n\ndef upgrade() -> None:\n    op.drop_table("gone")\n`,
      );
      file = path.join(folder, 'pending.py');
      await writeFile(file, migration(head));
      await writeFile(
        path.join(folder, 'grave.py'),
        `from alembic import op\n\nrevision = "9g_grave"\ndown_revision = "${revision}"\n\n\ndef upgrade() -> None:\n    op.drop_table("users")\n`,
      );
    },
  });

  before(async () => {
    ({ stack, workbench } = editor());
  });

  it('mark grave migrations in the Explorer before any is opened, and none that the database has', async () => {
    await workbench.run('View: Show Explorer');
    for (const name of ['migrations', 'versions']) await explorerRow(name).click();
    await waitFor('the badge', async () => (await badgeOf('grave.py')).includes('1!'), 60_000);
    assert.equal(await badgeOf('head.py'), 'none');
    await workbench.screenshot('badges');
  });

  it('counts the rows that the database has, and says where from', async () => {
    await open('pending.py');
    const { page } = workbench;
    await page.locator('.codelens-decoration').filter({ hasText: 'reims: pending' }).waitFor({ timeout: 60_000 });
    for (const title of ['reims_old: pending', 'Back up now', 'Rehearse on a copy'])
      await page.locator('.codelens-decoration').filter({ hasText: title }).waitFor();
    await page.locator('.squiggly-error').first().waitFor();
    await column().hover();
    const hover = page.locator('.monaco-hover').filter({ hasText: 'reims on this machine' });
    await hover.waitFor({ timeout: 30_000 });
    assert.match(await hover.innerText(), /[\d,]+ rows/);
    await workbench.screenshot('hover', { keepPointer: true });
  });

  for (const theme of themes) {
    it(`can be looked at in ${theme}`, async () => {
      await workbench.setTheme(theme);
      await workbench.run('View: Show Explorer');
      await workbench.run('Problems: Focus on Problems View');
      await workbench.screenshot(`${theme} warning`);
    });
  }

  it('goes away with the fix', async () => {
    const { page } = workbench;
    const fixes = page.locator('.action-widget');
    await waitFor('the fixes to be offered', async () => {
      await column().click();
      await page.keyboard.press('Control+.');
      return fixes
        .filter({ hasText: 'then make it NOT NULL' })
        .waitFor({ timeout: 3000 })
        .then(
          () => true,
          async () => page.keyboard.press('Escape').then(() => false),
        );
    });
    await workbench.screenshot('fixes');
    await fixes.locator('.action').filter({ hasText: 'then make it NOT NULL' }).first().click();
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached', timeout: 15_000 });
    await page.keyboard.press('Control+s');
    await waitFor('the file to be saved', async () => (await readFile(file, 'utf8')).includes('VALIDATE CONSTRAINT'));
    await workbench.screenshot('fixed');
  });

  it('is quiet where the database has the revision already', async () => {
    await open('head.py');
    await workbench.page.locator('.codelens-decoration').filter({ hasText: 'reims: applied' }).waitFor({ timeout: 60_000 });
    await workbench.page.locator('.codelens-decoration').filter({ hasText: 'reims_old: pending' }).waitFor();
    assert.equal(await workbench.page.locator('.editor-instance .squiggly-error, .editor-instance .squiggly-warning').count(), 0);
    await workbench.screenshot('applied');
  });

  function explorerRow(name: string): Locator {
    return workbench.page.locator('.explorer-folders-view .monaco-list-row').filter({ has: workbench.page.getByText(name, { exact: true }) });
  }

  /** What the editor writes behind a name, as its style has it. */
  async function badgeOf(name: string): Promise<string> {
    return workbench.page.evaluate<string>(
      `(() => {
        const labels = [...document.querySelectorAll('.explorer-folders-view .monaco-icon-label')];
        const label = labels.find((each) => each.querySelector('.label-name')?.textContent === ${JSON.stringify(name)});
        return label === undefined ? '' : getComputedStyle(label, '::after').content;
      })()`,
    );
  }

  /** Where the column's name stands in the migration. */
  function column(): Locator {
    return workbench.page.locator('.view-line').filter({ hasText: 'op.add_column' }).locator('span span').filter({ hasText: '"country"' }).first();
  }

  async function open(name: string): Promise<void> {
    await workbench.page.keyboard.press('Control+p');
    await workbench.quickPick.fill(name, { accept: false });
    await workbench.quickPick.select(name);
    await workbench.page.locator('.tab.active').filter({ hasText: name }).waitFor();
  }
});
