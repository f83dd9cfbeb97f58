import assert from 'node:assert/strict';
import { isOwnContainer } from '../../../src/operations/ownContainer';

const id = '3f4e5d6c7b8a99887766554433221100ffeeddccbbaa00112233445566778899';

describe('isOwnContainer', () => {
  for (const [title, traces] of [
    ['its host name', { hostname: id.slice(0, 12), kernel: '' }],
    ['a control group of the first version', { hostname: 'dev', kernel: `12:memory:/docker/${id}\n11:cpu:/` }],
    ['one of systemd', { hostname: 'dev', kernel: `0::/system.slice/docker-${id}.scope` }],
    ['one of Podman', { hostname: 'dev', kernel: `0::/user.slice/libpod-${id}.scope/container` }],
    ['its mounts', { hostname: 'dev', kernel: `0::/\n600 590 8:1 /var/lib/docker/containers/${id}/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw` }],
    [
      'its mounts by Podman',
      { hostname: 'dev', kernel: `0::/\n71 60 0:25 /containers/storage/overlay-containers/${id}/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw` },
    ],
  ] as const) {
    it(`knows it by ${title}`, () => assert.equal(isOwnContainer(id, traces), true));
  }

  it('knows no other', () => {
    assert.equal(isOwnContainer(id, { hostname: 'laptop', kernel: '0::/user.slice' }), false);
    assert.equal(isOwnContainer(id, { hostname: 'laptop', kernel: `0::/docker/${id.replace('3f', 'aa')}` }), false);
    const onHost = `0::/user.slice\n90 26 0:47 / /var/lib/containers/storage/overlay-containers/${id}/userdata/shm rw - tmpfs shm rw`;
    assert.equal(isOwnContainer(id, { hostname: 'laptop', kernel: onHost }), false);
    assert.equal(isOwnContainer('', { hostname: '', kernel: '' }), false);
  });
});
