import assert from 'node:assert/strict';
import type { Rehearsal } from '../../../src/migrations/update/rehearse';
import { rehearsalReport } from '../../../src/migrations/update/reportText';
import { Failure } from '../../../src/protocol/failure';

const passing: Rehearsal = {
  milliseconds: 2000,
  statements: 2,
  slowest: [{ sql: 'ALTER TABLE users ADD COLUMN x text', milliseconds: 1900 }],
  locks: [{ table: 'public.users', mode: 'AccessExclusiveLock', milliseconds: 1950 }],
  changes: { schema: ['added: column public.users.x'], rewritten: [], rows: [], broken: [] },
};

describe('the report on a rehearsal', () => {
  it('says that the migrations run through, what they do, and that nothing else was touched', () => {
    const text = rehearsalReport('shop/db/shop', passing).join('\n');
    assert.match(text, /^The migrations run through on a copy of shop\/db\/shop\.\nshop\/db\/shop itself was only read\.\n/);
    assert.match(text, /2 statements in 2\.0 s[^]*AccessExclusiveLock on public\.users[^]*added: column public\.users\.x/);
  });

  it('says why they fail, or what they leave broken', () => {
    const failure = new Failure('SQLSTATE_23502', 'Postgres: column "x" contains null values', 'Look it up.');
    const failed = rehearsalReport('shop/db/shop', { ...passing, failure, failedAt: 'ALTER TABLE users' }).join('\n');
    assert.match(failed, /^The migrations fail on a copy[^]*contains null values\nLook it up\.[^]*failed at: ALTER TABLE users/);
    const broken = rehearsalReport('shop/db/shop', { ...passing, changes: { ...passing.changes, broken: ['an invalid index x'] } }).join('\n');
    assert.match(broken, /^The migrations fail on a copy[^]*not sound: an invalid index x/);
  });
});
