import assert from 'node:assert/strict';
import { withUlimits } from '../../../src/engine/recreate';

describe('the limits of a container that is made anew', () => {
  it('are said as engines take them, whatever Podman calls them', () => {
    const told = { Ulimits: [{ Name: 'RLIMIT_NOFILE', Soft: 1024, Hard: 1024 }], ShmSize: 1 };
    assert.deepEqual(withUlimits(told), { Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: 1024 }], ShmSize: 1 });
    assert.deepEqual(withUlimits({ Ulimits: [{ Name: 'nproc', Soft: 1, Hard: 2 }] }), { Ulimits: [{ Name: 'nproc', Soft: 1, Hard: 2 }] });
    assert.deepEqual(withUlimits({ ShmSize: 1 }), { ShmSize: 1 });
  });
});
