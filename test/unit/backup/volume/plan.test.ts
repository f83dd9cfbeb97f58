import assert from 'node:assert/strict';
import { planVolume, type ServerSide, type VolumeFacts, type VolumeMode } from '../../../../src/backup/volume/plan';
import { Failure } from '../../../../src/protocol/failure';

const side: ServerSide = { walLevel: 'replica', walSenders: 10, mayReplicate: true, hasBasebackup: true, tablespaces: [], unlogged: [], preload: '' };

function factsOf(rest: Partial<VolumeFacts> = {}, server: Partial<ServerSide> = {}): VolumeFacts {
  return {
    dataDirectory: '/var/lib/postgresql/data',
    major: 17,
    volume: 'named',
    state: 'running',
    vanishes: false,
    packer: 'zstd',
    dataBytes: 40_000_000,
    links: [],
    server: { ...side, ...server },
    ...rest,
  };
}

/** Facts of a container that does not run. */
function asleep(rest: Partial<VolumeFacts> = {}): VolumeFacts {
  const { server: _, ...facts } = factsOf({ state: 'exited', ...rest });
  return facts;
}

const ownTablespace = (location: string): Partial<ServerSide> => ({ tablespaces: [{ name: 'fast', location }] });

describe('planVolume', () => {
  for (const [what, facts, wished, mode] of [
    ['copies a running server without stopping it', factsOf(), 'auto', 'live'],
    ['stops it when that is wished', factsOf(), 'stopped', 'stopped'],
    ['copies what does not run as it is', asleep(), 'auto', 'stopped'],
    ['copies what Podman says is configured', asleep({ state: 'configured' }), 'auto', 'stopped'],
    ['stops what writes too little WAL', factsOf({}, { walLevel: 'minimal' }), 'auto', 'stopped'],
    ['stops what has no WAL senders', factsOf({}, { walSenders: 0 }), 'auto', 'stopped'],
    ['stops what lets nobody replicate', factsOf({}, { mayReplicate: false }), 'auto', 'stopped'],
    ['stops what has no pg_basebackup', factsOf({}, { hasBasebackup: false }), 'auto', 'stopped'],
    ['stops what has a tablespace inside', factsOf({}, ownTablespace('/var/lib/postgresql/data/fast')), 'auto', 'stopped'],
    ['stops what has a tablespace in place', factsOf({}, ownTablespace('pg_tblspc/16390')), 'auto', 'stopped'],
    ['never stops what would vanish', factsOf({ vanishes: true }), 'auto', 'live'],
    ['never stops what lies in memory', factsOf({ volume: 'tmpfs' }), 'auto', 'live'],
    ['takes WAL that lies elsewhere along', factsOf({ links: ['./pg_wal'] }), 'auto', 'live'],
  ] as const satisfies readonly (readonly [string, VolumeFacts, VolumeMode | 'auto', VolumeMode])[]) {
    it(what, () => {
      const plan = planVolume(facts, wished);
      assert.equal(plan.mode, mode);
      assert.equal(plan.interrupts, mode === 'stopped' && facts.state === 'running');
    });
  }

  for (const [what, facts, wished, code, said] of [
    ['a tablespace outside', factsOf({}, ownTablespace('/mnt/fast')), 'auto', 'TABLESPACE_OUTSIDE', /"fast"/],
    ['a tablespace beside', factsOf({}, ownTablespace('/var/lib/postgresql/data2')), 'stopped', 'TABLESPACE_OUTSIDE', /"fast"/],
    ['a tablespace outside of what does not run', asleep({ links: ['./pg_tblspc/16390'] }), 'auto', 'TABLESPACE_OUTSIDE', /pg_tblspc/],
    ['a paused container', factsOf({ state: 'paused' }), 'auto', 'VOLUME_UNSTEADY', /paused/],
    ['a container that restarts', factsOf({ state: 'restarting' }), 'stopped', 'VOLUME_UNSTEADY', /restarting/],
    ['a live copy of what does not run', asleep(), 'live', 'VOLUME_LIVE_IMPOSSIBLE', /does not run/],
    ['a live copy without WAL', factsOf({}, { walLevel: 'minimal' }), 'live', 'VOLUME_LIVE_IMPOSSIBLE', /minimal/],
    ['to stop what would vanish', factsOf({ vanishes: true }), 'stopped', 'VOLUME_STOP_REFUSED', /--rm/],
    ['to stop what lies in memory', factsOf({ volume: 'tmpfs' }), 'stopped', 'VOLUME_STOP_REFUSED', /memory/],
    ['to stop what lies in the container', factsOf({ volume: 'container layer' }), 'stopped', 'VOLUME_STOP_REFUSED', /container itself/],
    ['to stop what has its WAL elsewhere', factsOf({ links: ['./pg_wal'] }), 'stopped', 'VOLUME_STOP_REFUSED', /pg_wal/],
    ['what can be copied in neither way', factsOf({ volume: 'tmpfs' }, { walSenders: 0 }), 'auto', 'VOLUME_IMPOSSIBLE', /max_wal_senders.*memory/],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => planVolume(facts, wished),
        (error) => error instanceof Failure && error.code === code && said.test(error.message),
      );
    });
  }

  it('names the file by what packs it, and says what a proof needs', () => {
    assert.equal(planVolume(factsOf(), 'auto').extension, 'tar.zst');
    assert.equal(planVolume(factsOf({ packer: 'pigz' }), 'auto').extension, 'tar.gz');
    assert.equal(planVolume(factsOf({}, { preload: 'timescaledb' }), 'auto').preload, 'timescaledb');
    assert.equal(planVolume(asleep(), 'auto').preload, undefined);
  });

  it('says why it interrupts, and what a live copy lacks', () => {
    assert.deepEqual(planVolume(factsOf({}, { walSenders: 0 }), 'auto').remarks, ['It cannot be copied while it runs: max_wal_senders is 0.']);
    assert.match(planVolume(factsOf({}, { unlogged: ['app: public.cache'] }), 'auto').remarks.join(), /app: public\.cache/);
    assert.deepEqual(planVolume(factsOf({}, { unlogged: ['app: public.cache'] }), 'stopped').remarks, []);
    assert.deepEqual(planVolume(asleep(), 'auto').remarks, []);
  });
});
