import assert from 'node:assert/strict';
import { explainConnectError } from '../../../src/engine/connectError';
import type { EndpointAddress, EndpointCandidate, EngineProduct } from '../../../src/engine/endpoint';
import { Failure } from '../../../src/protocol/failure';

function candidate(product: EngineProduct, parts: Partial<EndpointCandidate> = {}): EndpointCandidate {
  const address: EndpointAddress = { kind: 'unix', path: '/run/x.sock' };
  return { id: 'unix:///run/x.sock', name: 'Docker', source: 'socket', product, address, ...parts };
}

function systemError(code: string, message = `connect ${code} /run/x.sock`): Error {
  return Object.assign(new Error(message), { code });
}

describe('explainConnectError', () => {
  const codes: readonly (readonly [code: string, expected: string])[] = [
    ['ENOENT', 'ENGINE_ABSENT'],
    ['ENOTSOCK', 'ENGINE_ABSENT'],
    ['ECONNREFUSED', 'ENGINE_NOT_RUNNING'],
    ['EACCES', 'ENGINE_FORBIDDEN'],
    ['EPERM', 'ENGINE_FORBIDDEN'],
    ['ETIMEDOUT', 'ENGINE_SLOW'],
    ['ENOTFOUND', 'ENGINE_HOST_UNKNOWN'],
    ['EAI_AGAIN', 'ENGINE_HOST_UNKNOWN'],
    ['EHOSTUNREACH', 'ENGINE_UNREACHABLE'],
    ['ENETUNREACH', 'ENGINE_UNREACHABLE'],
    ['CERT_HAS_EXPIRED', 'ENGINE_CERTIFICATE'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ENGINE_CERTIFICATE'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'ENGINE_CERTIFICATE'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ENGINE_CERTIFICATE'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ENGINE_CERTIFICATE'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'ENGINE_CERTIFICATE'],
    ['EPROTO', 'ENGINE_CERTIFICATE'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'ENGINE_CERTIFICATE'],
    ['ECONNRESET', 'ENGINE_UNANSWERED'],
    ['constructor', 'ENGINE_UNANSWERED'],
  ];
  for (const [code, expected] of codes) {
    it(`${code} is ${expected}`, () => {
      for (const platform of ['linux', 'darwin', 'win32'] as const) {
        const problem = explainConnectError(systemError(code), candidate('docker'), platform);
        assert.equal(problem.code, expected);
        assert.match(problem.message, /Docker \(unix:\/\/\/run\/x\.sock\)/);
        assert.match(problem.remedy, /^[A-Z].*\.$/);
      }
    });
  }

  const starts: readonly (readonly [product: EngineProduct, platform: NodeJS.Platform, remedy: RegExp, name?: string])[] = [
    ['docker', 'linux', /sudo systemctl start docker"/],
    ['docker', 'darwin', /Start Docker Desktop/],
    ['docker-rootless', 'linux', /systemctl --user start docker"/],
    ['docker-desktop', 'win32', /Start Docker Desktop/],
    ['colima', 'darwin', /"colima start"/, 'Colima'],
    ['colima', 'darwin', /"colima start work"/, 'Colima (work)'],
    ['orbstack', 'darwin', /Start OrbStack/],
    ['rancher-desktop', 'darwin', /Start Rancher Desktop/],
    ['podman', 'linux', /sudo systemctl start podman\.socket/],
    ['podman-rootless', 'linux', /systemctl --user start podman\.socket/],
    ['podman-machine', 'darwin', /podman machine start/],
    ['unknown', 'linux', /Start Docker or Podman/],
  ];
  for (const [product, platform, remedy, name = 'x'] of starts) {
    it(`says how to start ${product} on ${platform}`, () => {
      for (const code of ['ENOENT', 'ECONNREFUSED'])
        assert.match(explainConnectError(systemError(code), candidate(product, { name }), platform).remedy, remedy);
    });
  }

  const permissions: readonly (readonly [product: EngineProduct, platform: NodeJS.Platform, remedy: RegExp])[] = [
    ['docker', 'linux', /usermod -aG docker/],
    ['podman', 'linux', /rootless/],
    ['podman-rootless', 'linux', /access to the socket/],
    ['docker-desktop', 'win32', /docker-users/],
    ['docker-desktop', 'darwin', /access to the socket/],
  ];
  for (const [product, platform, remedy] of permissions) {
    it(`says how to be allowed: ${product} on ${platform}`, () =>
      assert.match(explainConnectError(systemError('EACCES'), candidate(product), platform).remedy, remedy));
  }

  const namers: readonly (readonly [source: EndpointCandidate['source'], hint: RegExp | undefined])[] = [
    ['setting', /the setting "containerDatabases\.endpoint"/],
    ['environment', /DOCKER_HOST/],
    ['context', /docker context use/],
    ['socket', undefined],
  ];
  for (const [source, hint] of namers) {
    it(`names what may be wrong: ${source}`, () => {
      const { remedy } = explainConnectError(systemError('ECONNREFUSED'), candidate('unknown', { source }), 'linux');
      if (hint === undefined) assert.doesNotMatch(remedy, /Or /);
      else assert.match(remedy, hint);
    });
  }

  it('looks through wrapped and joined errors', () => {
    const aggregate = new AggregateError([systemError('ECONNREFUSED', 'connect ECONNREFUSED ::1:2375'), systemError('ECONNREFUSED')], '');
    assert.equal(explainConnectError(aggregate, candidate('docker'), 'linux').code, 'ENGINE_NOT_RUNNING');
    const failure = new Failure('ENGINE_GONE', 'gone', 'start it', systemError('EACCES'));
    assert.equal(explainConnectError(failure, candidate('docker'), 'linux').code, 'ENGINE_FORBIDDEN');
    const nested = new Error('request failed', { cause: new Error('inner', { cause: systemError('ENOTFOUND') }) });
    assert.equal(explainConnectError(nested, candidate('unknown'), 'linux').code, 'ENGINE_HOST_UNKNOWN');
  });

  it('leaves a failure alone that says enough', () => {
    const failure = new Failure('ENDPOINT_UNSUPPORTED', 'No SSH yet.', 'Forward it.');
    assert.deepEqual(explainConnectError(failure, candidate('unknown'), 'linux'), {
      code: 'ENDPOINT_UNSUPPORTED',
      message: 'No SSH yet.',
      remedy: 'Forward it.',
    });
  });

  it('knows a plain request to a secure port, and a timeout', () => {
    const plain = new Error('(HTTP code 400) unexpected - Client sent an HTTP request to an HTTPS server.');
    assert.equal(explainConnectError(plain, candidate('unknown'), 'linux').code, 'ENGINE_WANTS_TLS');
    const wrapped = new Failure('ENGINE_SLOW', 'slow', 'wait', new DOMException('too slow', 'TimeoutError'));
    assert.match(explainConnectError(wrapped, candidate('docker'), 'linux').message, /did not answer in time/);
    assert.equal(explainConnectError(new DOMException('too slow', 'TimeoutError'), candidate('docker'), 'linux').code, 'ENGINE_SLOW');
  });

  it('does not say an address twice', () => {
    const { message } = explainConnectError(systemError('ECONNREFUSED'), candidate('unknown', { name: 'tcp://h:1', id: 'tcp://h:1' }), 'linux');
    assert.equal(message, 'tcp://h:1 is not running: it refuses connections.');
  });

  it('explains things that are no errors', () => {
    for (const thrown of ['text', undefined, null, 42, {}]) assert.equal(explainConnectError(thrown, candidate('docker'), 'linux').code, 'ENGINE_UNANSWERED');
    const circular = new Error('a');
    circular.cause = circular;
    assert.equal(explainConnectError(circular, candidate('docker'), 'linux').code, 'ENGINE_UNANSWERED');
  });
});
