import assert from 'node:assert/strict';
import { offerAfterCheckout, type Checkout } from '../../../src/snapshot/checkout';
import { snapshotOf } from './snapshotParts';

const on = (branch?: string) => ({ ...(branch === undefined ? {} : { branch }), commit: 'c'.repeat(40) });
const checkout: Checkout = {
  before: on('feature'),
  after: on('main'),
  revision: 'b2',
  migrations: ['"""orders"""\n\nrevision = "a1"\ndown_revision = None\n'],
  snapshots: [],
};

describe('offerAfterCheckout', () => {
  it('offers when the database has what the branch has not', () => {
    assert.deepEqual(offerAfterCheckout(checkout), { branch: 'main', missing: ['b2'] });
    assert.deepEqual(offerAfterCheckout({ ...checkout, before: undefined, revision: 'a1,b2' })?.missing, ['b2']);
  });

  it('names the newest snapshot that the branch knows, one of the very branch first', () => {
    const snapshots = [
      snapshotOf('old', 1, { migrationRevision: 'a1', git: on('main') }),
      snapshotOf('other', 2, { migrationRevision: 'a1', git: on('x') }),
      snapshotOf('ahead', 3, { migrationRevision: 'b2', git: on('main') }),
      snapshotOf('bare', 4),
    ];
    assert.equal(offerAfterCheckout({ ...checkout, snapshots })?.snapshot?.label, 'old');
    assert.equal(offerAfterCheckout({ ...checkout, snapshots: snapshots.slice(1) })?.snapshot?.label, 'other');
    assert.equal(offerAfterCheckout({ ...checkout, snapshots: snapshots.slice(2) })?.snapshot, undefined);
  });

  const silent: Readonly<Record<string, Partial<Checkout>>> = {
    'the branch is the same, as after a commit': { before: on('main') },
    'no branch is checked out, as in a rebase': { after: on() },
    'there is no repository any more': { after: undefined },
    'the branch has the revision': { revision: 'a1' },
    'the branch has it, with a type and single quotes': { migrations: ["revision: str = 'b2'\n"] },
    'nothing is recorded': { revision: undefined },
    'no migration can be read': { migrations: ['print("revision")', 'down_revision = "b2"'] },
  };
  for (const [why, changes] of Object.entries(silent)) {
    it(`offers nothing when ${why}`, () => assert.equal(offerAfterCheckout({ ...checkout, ...changes }), undefined));
  }
});
