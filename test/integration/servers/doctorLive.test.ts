import assert from 'node:assert/strict';
import type { CorruptionReport } from '../../../src/persistence/corruption/checkForCorruption';
import { engineCommand, waitForPostgres } from '../../lab/stacks';
import { cli, cliJson } from '../support/app';
import { fingerprint, sql, type Place } from '../support/sql';
import { removeServer, startServer } from '../support/stack';

describe('the doctor of a running service', () => {
  it('finds a page that a disk has damaged, a volume without a name and an open port, and says what to do', async function () {
    this.timeout(200_000);
    const place = await startServer('doctor', { image: 'postgres:18', arguments: ['--publish', '0.0.0.0::5432'], env: { POSTGRES_PASSWORD: 'postgres' } });
    await sql(place, 'postgres', 'CREATE TABLE ledger AS SELECT i FROM generate_series(1, 1000) AS i');
    await sql(place, 'postgres', 'CHECKPOINT');
    const file = await sql(place, 'postgres', "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('ledger')");
    await engineCommand(['exec', place.container, 'sh', '-c', 'printf broken | dd of="$1" bs=1 seek=4000 conv=notrunc', 'sh', file.trim()]);
    await engineCommand(['restart', place.container]);
    await waitForPostgres(place.container);
    await assert.rejects(sql(place, 'postgres', 'SELECT count(*) FROM ledger'), /invalid page/);
    const { services } = await cliJson<{ readonly services: readonly DoctorListing[] }>(['doctor', `${place.project}/${place.service}`]);
    const [found] = services;
    const codes = found?.findings.map(({ code }) => code) ?? [];
    assert.deepEqual(
      [services.length, found?.verdict, found?.dataDirectory, found?.survives.stop, found?.survives.rm],
      [1, 'at-risk', '/var/lib/postgresql/18/docker', true, false],
    );
    for (const code of ['CHECKSUM_FAILURES', 'DAMAGE', 'ANONYMOUS_VOLUME', 'OPEN_PORT', 'DEFAULT_PASSWORD', 'NO_RESTART', 'SMALL_SHM'])
      assert.ok(codes.includes(code), codes.join(' '));
    assert.ok(!codes.includes('NO_CHECKSUMS'));
    assert.match(found?.reasons[0] ?? '', /1 page of "postgres" did not fit .* back up what can still be read, .*pg_amcheck/);
    await checkAll(place);
    await engineCommand(['kill', place.container]);
    const { code, stdout } = await cli(['doctor', `${place.project}/${place.service}`, '--corruption']);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /its data was not read, for it does not run/);
    await removeServer(place);
  });

  /** On a server of which a page of public.ledger is damaged: by reading, by pg_amcheck, and in an index, which no reading of rows finds. */
  async function checkAll(place: Place & { readonly project: string; readonly service: string }): Promise<void> {
    const check = async (): Promise<{ readonly code: number; readonly corruption: CorruptionReport }> => {
      const { code, stdout, stderr } = await cli(['doctor', `${place.project}/${place.service}`, '--corruption', '--json']);
      assert.ok(stdout !== '', stderr);
      const { services } = JSON.parse(stdout) as { readonly services: readonly { readonly corruption: CorruptionReport }[] };
      return { code, corruption: services[0]?.corruption ?? assert.fail(stdout) };
    };
    const found = ({ databases }: CorruptionReport, name: string): readonly unknown[] => {
      const database = databases.find((each) => each.name === name);
      return [database?.by, database?.damage.map(({ relation }) => relation), database?.unread];
    };
    await sql(
      place,
      'app',
      'CREATE EXTENSION amcheck; CREATE TABLE kept AS SELECT i FROM generate_series(1, 1000) AS i; CREATE INDEX kept_i ON kept (i); CHECKPOINT',
    );
    const before = await fingerprint(place, 'app');
    const first = await check();
    assert.deepEqual([first.code, first.corruption.state], [1, 'damaged'], JSON.stringify(first));
    assert.deepEqual(found(first.corruption, 'postgres'), ['reading', ['public.ledger'], []]);
    assert.deepEqual(found(first.corruption, 'app'), ['pg_amcheck', [], []]);
    assert.deepEqual(await fingerprint(place, 'app'), before);
    const index = await sql(place, 'app', "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('kept_i')");
    // The second page of the index, behind its first one of notes.
    await engineCommand(['exec', place.container, 'sh', '-c', 'printf broken | dd of="$1" bs=1 seek=12000 conv=notrunc', 'sh', index.trim()]);
    await engineCommand(['restart', place.container]);
    await waitForPostgres(place.container);
    const second = await check();
    assert.match(String(found(second.corruption, 'app')), /^pg_amcheck,btree index "app\.public\.kept_i"/);
    await sql(place, 'app', 'REINDEX INDEX kept_i');
    await sql(place, 'postgres', 'DROP TABLE ledger');
    const mended = await check();
    assert.deepEqual([mended.code, mended.corruption.state], [0, 'sound'], JSON.stringify(mended));
  }
});

interface DoctorListing {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly dataDirectory: string;
  readonly findings: readonly { readonly code: string }[];
  readonly survives: Readonly<Record<string, boolean | null>>;
}
