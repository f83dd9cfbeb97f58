import assert from 'node:assert/strict';
import { addressUrl, pipePath, readAddress } from '../../../src/engine/address';
import type { EndpointAddress, TlsFiles } from '../../../src/engine/endpoint';

const tls: TlsFiles = { ca: '/c/ca.pem', verify: true };

describe('readAddress', () => {
  const cases: readonly (readonly [text: string, tls: TlsFiles | undefined, expected: EndpointAddress])[] = [
    ['unix:///var/run/docker.sock', undefined, { kind: 'unix', path: '/var/run/docker.sock' }],
    ['  unix:///a b/c.sock ', undefined, { kind: 'unix', path: '/a b/c.sock' }],
    ['http+unix:///x.sock', undefined, { kind: 'unix', path: '/x.sock' }],
    ['/run/podman/podman.sock', undefined, { kind: 'unix', path: '/run/podman/podman.sock' }],
    ['npipe:////./pipe/docker_engine', undefined, { kind: 'npipe', path: '\\\\.\\pipe\\docker_engine' }],
    ['npipe://\\\\.\\pipe\\docker_engine', undefined, { kind: 'npipe', path: '\\\\.\\pipe\\docker_engine' }],
    ['\\\\.\\pipe\\docker_engine', undefined, { kind: 'npipe', path: '\\\\.\\pipe\\docker_engine' }],
    ['//./pipe/docker_engine', undefined, { kind: 'npipe', path: '\\\\.\\pipe\\docker_engine' }],
    ['tcp://10.0.0.1:2375', undefined, { kind: 'tcp', host: '10.0.0.1', port: 2375 }],
    ['tcp://10.0.0.1', undefined, { kind: 'tcp', host: '10.0.0.1', port: 2375 }],
    ['tcp://10.0.0.1', tls, { kind: 'tcp', host: '10.0.0.1', port: 2376, tls }],
    ['tcp://host.example:2376/', tls, { kind: 'tcp', host: 'host.example', port: 2376, tls }],
    ['tcp://:2375', undefined, { kind: 'tcp', host: '127.0.0.1', port: 2375 }],
    ['tcp://[::1]:2375', undefined, { kind: 'tcp', host: '::1', port: 2375 }],
    ['http://h:1', undefined, { kind: 'tcp', host: 'h', port: 1 }],
    ['https://h', undefined, { kind: 'tcp', host: 'h', port: 2376, tls: { verify: true } }],
    ['TCP://h:1', undefined, { kind: 'tcp', host: 'h', port: 1 }],
    ['localhost:2375', undefined, { kind: 'tcp', host: 'localhost', port: 2375 }],
    ['ssh://me@host:22/run/podman/podman.sock', undefined, { kind: 'ssh', url: 'ssh://me@host:22/run/podman/podman.sock' }],
  ];
  for (const [text, files, address] of cases) {
    it(`${text}${files === undefined ? '' : ' with TLS'}`, () => assert.deepEqual(readAddress(text, files), { address }));
  }

  const invalid: readonly (readonly [text: string, reason: RegExp])[] = [
    ['docker', /neither a URL nor an absolute path/],
    ['./docker.sock', /neither/],
    ['unix://docker.sock', /begin with/],
    ['ftp://x', /scheme "ftp"/],
    ['tcp://h:port', /told apart/],
    ['tcp://h:99999', /99999 is not a port/],
    ['tcp://a b', /told apart/],
    ['ssh://', /no host/],
  ];
  for (const [text, reason] of invalid) {
    it(`refuses ${text}`, () => {
      const reading = readAddress(text);
      assert.ok('reason' in reading);
      assert.match(reading.reason, reason);
    });
  }
});

describe('addressUrl', () => {
  const cases: readonly (readonly [address: EndpointAddress, url: string])[] = [
    [{ kind: 'unix', path: '/run/docker.sock' }, 'unix:///run/docker.sock'],
    [{ kind: 'npipe', path: '\\\\.\\pipe\\dockerDesktopLinuxEngine' }, 'npipe:////./pipe/dockerdesktoplinuxengine'],
    [{ kind: 'tcp', host: 'h', port: 2375 }, 'tcp://h:2375'],
    [{ kind: 'tcp', host: '::1', port: 2376, tls }, 'https://[::1]:2376'],
    [{ kind: 'ssh', url: 'ssh://me@host' }, 'ssh://me@host'],
    [{ kind: 'ssh', url: 'ssh://me:secret@host/run/x.sock' }, 'ssh://me@host/run/x.sock'],
  ];
  for (const [address, url] of cases) it(url, () => assert.equal(addressUrl(address), url));
});

describe('pipePath', () => {
  for (const text of ['docker_engine', '/./pipe/docker_engine', '////./pipe/docker_engine', '\\\\.\\PIPE\\docker_engine']) {
    it(text, () => assert.equal(pipePath(text), '\\\\.\\pipe\\docker_engine'));
  }
});
