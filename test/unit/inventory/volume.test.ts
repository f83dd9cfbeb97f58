import assert from 'node:assert/strict';
import type { ContainerMount } from '../../../src/engine/containers';
import { volumeOf } from '../../../src/inventory/volume';

const data = '/var/lib/postgresql/data';

function mount(type: string, destination: string, name?: string): ContainerMount {
  return { type, ...(name === undefined ? {} : { name }), source: `/source${destination}`, destination, readOnly: false };
}

describe('volumeOf', () => {
  for (const [title, mounts, directory, expected] of [
    ['no mount', [], data, ['container layer', undefined, undefined]],
    [
      'mounts elsewhere',
      [mount('bind', '/docker-entrypoint-initdb.d'), mount('volume', '/var/lib/postgresql/database', 'x')],
      data,
      ['container layer', undefined, undefined],
    ],
    ['a named volume', [mount('volume', data, 'shop_data')], data, ['named', 'shop_data', data]],
    ['an anonymous volume', [mount('volume', data, 'a'.repeat(64))], data, ['anonymous', 'a'.repeat(64), data]],
    ['a bind mount', [mount('bind', data)], data, ['bind', undefined, data]],
    ['a tmpfs', [mount('tmpfs', data)], data, ['tmpfs', undefined, data]],
    ['a mount above, as of Postgres 18', [mount('volume', '/var/lib/postgresql', 'x')], '/var/lib/postgresql/18/docker', ['named', 'x', '/var/lib/postgresql']],
    [
      'the nearest of several',
      [mount('bind', '/var/lib'), mount('volume', data, 'near'), mount('volume', '/var/lib/postgresql', 'far')],
      `${data}/pgdata`,
      ['named', 'near', data],
    ],
    ['a destination with a slash at its end', [mount('volume', `${data}/`, 'x')], data, ['named', 'x', `${data}/`]],
    ['a mount on the root', [mount('volume', '/', 'x')], data, ['named', 'x', '/']],
  ] as const) {
    it(`finds ${title}`, () => {
      const { kind, name, destination, dataDirectory } = volumeOf(mounts, directory);
      assert.deepEqual([kind, name, destination], expected);
      assert.equal(dataDirectory, directory);
    });
  }

  it('tells where it lies on the host, but of a tmpfs', () => {
    assert.equal(volumeOf([mount('bind', data)], data).source, `/source${data}`);
    assert.equal(volumeOf([mount('tmpfs', data)], data).source, undefined);
  });
});
