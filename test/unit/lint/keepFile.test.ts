import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { keepFile } from '../../../src/lint/keepFile';

describe('keepFile', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'container-databases-keep-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('forgets what lies beside it for two months, and nothing younger', async () => {
    const day = 24 * 60 * 60;
    const now = Date.now();
    for (const [name, days] of [
      ['old', 61],
      ['young', 59],
    ] as const) {
      writeFileSync(path.join(folder, name), '');
      utimesSync(path.join(folder, name), now / 1000 - days * day, now / 1000 - days * day);
    }
    await keepFile(path.join(folder, 'new'), 'text', now);
    assert.deepEqual(readdirSync(folder), ['new', 'young']);
  });

  it('makes its folder', async () => {
    await keepFile(path.join(folder, 'lint', 'new'), 'text');
    assert.deepEqual(readdirSync(path.join(folder, 'lint')), ['new']);
  });
});
