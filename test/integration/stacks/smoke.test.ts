import assert from 'node:assert/strict';
import type { Diagnosis } from '../../../src/persistence/doctor/examine';
import { LiveDoctor } from '../../../src/persistence/doctor/liveDoctor';
import type { SmokeReport } from '../../../src/protocol/smokeReport';
import { failureOf, openApp, operation, podmanAddress, serviceOf, type OpenApp } from '../support/app';
import { startedAt } from '../support/evidence';
import { runName } from '../support/shared';
import { checksums, containersSeen, leftovers } from '../support/smoke';
import { fingerprint } from '../support/sql';
import { removeServer, stackNames, startServer, startStack, type ServerOptions } from '../support/stack';

describe('a persistence test on a clone', () => {
  for (const name of stackNames) {
    it(`of ${name} shows that data outlives its container, and touches nothing of the user's`, async function () {
      this.timeout(400_000);
      const stack = await startStack(name);
      const app = await openApp(stack.engine === 'podman' ? { endpoint: await podmanAddress() } : {});
      const started = await startedAt(stack.container, stack);
      const before = await fingerprint(stack, stack.database);
      const report = await app.smokeTests.run(serviceOf(app, stack), { way: 'clone' }, operation());
      assert.equal(report.verdict, 'persists', JSON.stringify(report, undefined, 1));
      assert.deepEqual(report.remarks, []);
      const [written, ...read] = checksums(report);
      assert.deepEqual(read, [written, written]);
      assert.match(written ?? '', /^rows [0-9a-f]{32}, index [0-9a-f]{32}, sequence \d+, large object [0-9a-f]{32}$/);
      assert.equal(new Set(containersSeen(report)).size, 2, 'the container was not made anew');
      assert.ok(report.steps.some(({ id, evidence }) => id === 'copy' && evidence.some(({ value }) => value.startsWith('sha256'))));
      assert.deepEqual([await startedAt(stack.container, stack), await fingerprint(stack, stack.database)], [started, before]);
      assert.deepEqual(await leftovers(process.pid, stack.engine), []);
      assert.deepEqual(await app.smokeTests.last(serviceOf(app, stack)), report);
      const { verdict, findings } = await examine(app, stack);
      const dangers = findings.flatMap(({ severity, code }) => (severity === 'danger' ? [code] : []));
      // The folders of two lie below /tmp, as all that the tests make.
      assert.deepEqual([verdict, dangers], name.startsWith('expenses') ? ['at-risk', ['PASSING_FOLDER']] : ['persistent', []]);
    });
  }

  const faults: readonly (readonly [what: string, lostAt: SmokeReport['lostAt'], options: ServerOptions])[] = [
    [
      'a volume beside the data directory',
      'recreate',
      { image: 'postgres:15', arguments: ['--volume', `${runName}-beside:/var/lib/postgresql/data`], env: { PGDATA: '/srv/pgdata' } },
    ],
  ];

  for (const [index, [what, lostAt, options]] of faults.entries()) {
    it(`catches ${what}, and refuses to try that with the real data`, async function () {
      this.timeout(400_000);
      const place = await startServer(`smoke-fault-${index}`, options);
      const app = await openApp();
      const report = await app.smokeTests.run(serviceOf(app, place), { way: 'clone' }, operation());
      assert.deepEqual([report.verdict, report.lostAt], ['lost', lostAt], JSON.stringify(report, undefined, 1));
      const refusal = await failureOf(app.smokeTests.run(serviceOf(app, place), { way: 'real' }, operation()));
      assert.equal(refusal.code, 'SMOKE_WOULD_LOSE');
      const { verdict, findings } = await examine(app, place);
      assert.deepEqual([verdict, findings[0]?.code, findings[1]?.code], ['lost', 'MOUNT_BESIDE', 'CONTAINER_LAYER']);
      assert.deepEqual(await leftovers(process.pid), []);
      assert.match(await startedAt(place.container), / running$/);
      await removeServer(place);
    });
  }
});

async function examine(app: OpenApp, place: { readonly project: string; readonly service: string }): Promise<Diagnosis> {
  return new LiveDoctor(app.inventory).examine(serviceOf(app, place).service, new AbortController().signal);
}
