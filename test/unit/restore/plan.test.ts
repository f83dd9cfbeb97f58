import assert from 'node:assert/strict';
import { Failure } from '../../../src/protocol/failure';
import { isOwnDatabase } from '../../../src/inventory/undoName';
import { describePlan } from '../../../src/restore/describePlan';
import type { RestoreFacts } from '../../../src/restore/facts';
import type { DumpForm, DumpOrigin } from '../../../src/restore/dump/form';
import { planRestore } from '../../../src/restore/plan';
import { rejectsWith } from '../operations/rejectsWith';
import { backupOf, factsOf, properties, sourceOf } from './restoreParts';

const madeBy = (origin: DumpOrigin, kind: DumpForm['kind'] = 'archive'): RestoreFacts['dump'] => ({
  form: { kind, packing: 'none', cluster: false },
  origin,
  restricts: true,
});
const kinds = (facts: RestoreFacts): readonly string[] => planRestore(facts).steps.map(({ kind }) => kind);
const { manifest: _, ...bareBackup } = backupOf();
const { present: __, ...withoutDatabase } = factsOf();

describe('planRestore', () => {
  it('checks, saves, loads beside, compares, and only then stops and swaps', () => {
    assert.deepEqual(kinds(factsOf()), ['check file', 'safety backup', 'load', 'compare rows', 'stop', 'swap', 'start']);
  });

  it('says everything that is done, in the confirmation', () => {
    assert.deepEqual(describePlan(planRestore(factsOf())), [
      'Check /work/shop/backups/a.dump against its checksum',
      'Back up "app" as it is now',
      'Load the backup into a new database beside it (5 at a time)',
      'Compare the rows of 2 tables with the backup',
      'Stop api, worker',
      'Exchange it with "app", which is kept for a day as undo',
      'Start api, worker',
    ]);
    assert.deepEqual(describePlan(planRestore({ ...withoutDatabase, source: sourceOf(bareBackup), dependents: [] })), [
      'Check /work/shop/backups/a.dump against its checksum',
      'Load the backup into a new database beside it (5 at a time)',
      'Name the new database "app"',
    ]);
  });

  for (const [title, facts, expected] of [
    ['without a manifest', factsOf({ source: sourceOf(bareBackup) }), ['check file', 'safety backup', 'load', 'stop', 'swap', 'start']],
    ['without a safety backup', factsOf({ wishes: { skipSafetyBackup: true } }), ['check file', 'load', 'compare rows', 'stop', 'swap', 'start']],
    ['without dependents', factsOf({ dependents: [] }), ['check file', 'safety backup', 'load', 'compare rows', 'swap']],
    [
      'with dependents that do not run',
      factsOf({ dependents: [{ service: 'api', running: false }] }),
      ['check file', 'safety backup', 'load', 'compare rows', 'swap'],
    ],
    ['of a database that is gone', withoutDatabase, ['check file', 'load', 'compare rows', 'stop', 'swap', 'start']],
    ['into a new database', { ...withoutDatabase, wishes: { beside: true } }, ['check file', 'load', 'compare rows', 'swap']],
    ['beside, over one that is there', factsOf({ wishes: { beside: true } }), ['check file', 'safety backup', 'load', 'compare rows', 'stop', 'swap', 'start']],
  ] as const) {
    it(`is right ${title}`, () => assert.deepEqual(kinds(facts), expected));
  }

  it('says of a new database what the backup says of it, for roles that are there; of a present one what is said of it now', () => {
    const grant = (grantee: string) => ({ grantor: 'app', grantee, privilege: 'CONNECT', grantable: false });
    const surroundings = { comment: 'as it was', connectionLimit: 5, grants: [grant('app'), grant('gone')], settings: [{ role: null, setting: 'jit=off' }] };
    const source = sourceOf(backupOf({ surroundings }));
    const anew = planRestore({ ...withoutDatabase, source });
    assert.equal(anew.comment, 'as it was');
    assert.deepEqual(anew.surroundings, { connectionLimit: 5, grants: [grant('app')], settings: surroundings.settings });
    assert.equal(planRestore({ ...withoutDatabase, source, wishes: { withoutOwners: true } }).surroundings?.grants, null);
    const present = planRestore(factsOf({ source }));
    assert.deepEqual([present.comment, present.surroundings], ['the shop', undefined]);
  });

  it('stops only what runs, and starts the very same in order', () => {
    const plan = planRestore(factsOf());
    assert.deepEqual(plan.dependents, ['api', 'worker']);
    const services = plan.steps.flatMap((step) => (step.kind === 'stop' || step.kind === 'start' ? [step.services] : []));
    assert.deepEqual(services, [plan.dependents, plan.dependents]);
  });

  it('gives its own databases recognisable names, and keeps the old one for a day', () => {
    const { scratch, undo, comment, replacedAt, expiresAt } = planRestore(factsOf());
    assert.deepEqual([scratch, undo, comment], ['cdb_scratch_1a2b3c4d', 'cdb_undo_1a2b3c4d', 'the shop']);
    assert.ok(isOwnDatabase(scratch) && isOwnDatabase(undo ?? ''));
    assert.equal(expiresAt.getTime() - replacedAt.getTime(), 24 * 60 * 60 * 1000);
  });

  it('keeps nothing where there was nothing', () => {
    const plan = planRestore(withoutDatabase);
    assert.ok(!('undo' in plan));
    assert.equal(plan.comment, null);
  });

  for (const [processors, jobs] of [
    [0, 2],
    [1, 2],
    [4, 5],
    [64, 8],
  ] as const) {
    it(`loads ${jobs} at a time on ${processors} processors`, () => assert.equal(planRestore(factsOf({ processors })).jobs, jobs));
  }

  describe('the new database', () => {
    it('is like the one it replaces', () => {
      const present = { properties: { ...properties, owner: 'boss', encoding: 'LATIN1' }, sizeBytes: 1, comment: null };
      assert.deepEqual(planRestore(factsOf({ present })).properties, present.properties);
    });

    for (const [title, facts, expected] of [
      ['is as it was backed up, where there is none', withoutDatabase, properties],
      ['belongs to the server’s user where its owner is unknown', { ...withoutDatabase, roles: ['postgres'] }, { ...properties, owner: 'postgres' }],
      [
        'takes an ICU locale over where the server has them',
        { ...withoutDatabase, serverMajor: 17, source: sourceOf(backupOf({ properties: { ...properties, provider: 'i', locale: 'de' } })) },
        { ...properties, provider: 'i', locale: 'de' },
      ],
      [
        'leaves the builtin provider out where the server lacks it',
        {
          ...withoutDatabase,
          serverMajor: 16,
          source: sourceOf(backupOf({ toolVersion: '16.1', properties: { ...properties, provider: 'b', locale: 'C.UTF-8' } })),
        },
        { owner: 'app', encoding: 'UTF8', collate: '', ctype: '', provider: 'c', locale: null, collationVersion: null },
      ],
      [
        'is plain where nothing is known',
        { ...withoutDatabase, source: sourceOf(bareBackup) },
        { owner: 'postgres', encoding: 'UTF8', collate: '', ctype: '', provider: 'c', locale: null, collationVersion: null },
      ],
    ] as const) {
      it(title, () => assert.deepEqual(planRestore(facts).properties, expected));
    }
  });

  describe('refuses', () => {
    for (const [title, rest, code] of [
      [
        'a manifest of a newer version',
        { source: sourceOf({ ...bareBackup, problem: new Failure('MANIFEST_NEWER', 'It is newer.', 'Update.') }) },
        'MANIFEST_NEWER',
      ],
      ['a backup of a newer Postgres', { dump: madeBy({ toolMajor: 18 }) }, 'BACKUP_NEWER'],
      ['a disk that is too small for a second copy', { freeBytes: 10_999_999 }, 'DISK_FULL'],
      ['a full disk for a backup without a manifest', { source: sourceOf(bareBackup), freeBytes: 1_000_000 }, 'DISK_FULL'],
      ['template0', { database: 'template0' }, 'DATABASE_RESERVED'],
      ['template1', { database: 'template1' }, 'DATABASE_RESERVED'],
      ['no name', { database: '' }, 'DATABASE_RESERVED'],
      ['a name of 64 bytes', { database: 'x'.repeat(64) }, 'DATABASE_RESERVED'],
      ['a name of 22 letters of three bytes', { database: 'デ'.repeat(22) }, 'DATABASE_RESERVED'],
      ['the name of a scratch database, which would be swept away', { database: 'cdb_scratch_mine' }, 'DATABASE_RESERVED'],
      ['the name of an undo', { database: 'cdb_undo_mine' }, 'DATABASE_RESERVED'],
    ] as const) {
      it(title, () => rejectsWith(code, () => planRestore(factsOf(rest))));
    }
  });

  for (const [title, rest] of [
    ['a backup of the same major', { dump: madeBy({ toolMajor: 17 }) }],
    ['a backup of an older one', { dump: madeBy({ toolMajor: 13 }) }],
    ['a script of newer programs, of a server that is not', { dump: madeBy({ toolMajor: 18, serverMajor: 17 }, 'sql') }],
    ['just enough space', { freeBytes: 11_000_000 }],
    ['space that cannot be told', { freeBytes: undefined }],
    ['a name of 63 bytes', { database: 'デ'.repeat(21) }],
    ['the database "postgres"', { database: 'postgres' }],
  ] as const) {
    it(`accepts ${title}`, () => assert.doesNotThrow(() => planRestore(factsOf(rest))));
  }
});
