import assert from 'node:assert/strict';
import { connectionUrl, reachableHost } from '../../../src/vscode/present/connectionUrl';
import { composeUp, engineProgram } from '../../../src/operations/engineCommand';
import { escapeMarkdown } from '../../../src/vscode/present/markdown';
import { ProgressLine } from '../../../src/vscode/present/progress';
import { redact } from '../../../src/vscode/present/redact';
import { ageText, momentText } from '../../../src/vscode/present/time';
import { viewState } from '../../../src/vscode/present/viewState';
import { before, clock, docker, english, inventory, project } from './facts';

describe('ageText', () => {
  const cases: readonly (readonly [minutes: number, expected: string])[] = [
    [0, 'just now'],
    [0.99, 'just now'],
    [1, '1 min ago'],
    [59, '59 min ago'],
    [60, '1 h ago'],
    [11 * 60 + 59, '11 h ago'],
    [12 * 60, 'today, 02:00'],
    [14 * 60 + 1, 'yesterday, 23:59'],
    [3 * 24 * 60, '17 Nov, 14:00'],
    [366 * 24 * 60, '19 Nov 2025, 14:00'],
    [-5, 'just now'],
  ];
  for (const [minutes, expected] of cases) {
    it(`says "${expected}" after ${minutes} min`, () => assert.equal(ageText(english, before(minutes), clock), expected));
  }
  it('says what is to come', () => assert.equal(momentText(english, before(-24 * 60), clock), 'tomorrow, 14:00'));
});

describe('ProgressLine', () => {
  it('shows bytes and, after a while, speed', () => {
    const line = new ProgressLine();
    assert.deepEqual(line.next({ message: 'Dumping a', bytes: 0 }, 0), { message: 'Dumping a · 0 B' });
    assert.deepEqual(line.next({ message: 'Dumping a', bytes: 2_000_000 }, 1000), { message: 'Dumping a · 2.0 MB · 2.0 MB/s' });
    assert.deepEqual(line.next({ message: 'Dumping b', bytes: 2_500_000 }, 5000), { message: 'Dumping b · 2.5 MB' });
  });

  it('starts anew when the bytes do', () => {
    const line = new ProgressLine();
    line.next({ message: 'a', bytes: 9_000_000 }, 0);
    assert.deepEqual(line.next({ message: 'b', bytes: 100 }, 900), { message: 'b · 100 B' });
  });

  it('only goes forward', () => {
    const line = new ProgressLine();
    assert.deepEqual(line.next({ message: 'a', fraction: 0.5 }, 0), { message: 'a', increment: 50 });
    assert.deepEqual(line.next({ message: 'a', fraction: 0.4 }, 1), { message: 'a' });
    assert.deepEqual(line.next({ message: 'a', fraction: 0.75 }, 2), { message: 'a', increment: 25 });
  });
});

describe('connectionUrl', () => {
  it('encodes whatever names and passwords contain', () => {
    const url = connectionUrl({ user: 'a@b', password: "p/w:?#'", host: '127.0.0.1', port: 5432, database: 'my db/ä' });
    assert.equal(url, 'postgresql://a%40b:p%2Fw%3A%3F%23%27@127.0.0.1:5432/my%20db%2F%C3%A4');
    const read = new URL(url);
    assert.deepEqual([decodeURIComponent(read.username), decodeURIComponent(read.password)], ['a@b', "p/w:?#'"]);
  });

  it('has no password unless given', () => {
    assert.equal(connectionUrl({ user: 'u', host: '::1', port: 1, database: 'd' }), 'postgresql://u@[::1]:1/d');
    assert.equal(connectionUrl({ user: 'u', password: '', host: 'h', port: 1, database: 'd' }), 'postgresql://u@h:1/d');
  });

  it('goes to a host that can be reached', () => {
    assert.deepEqual(['', '0.0.0.0', '::', '127.0.0.1'].map(reachableHost), ['localhost', 'localhost', 'localhost', '127.0.0.1']);
  });
});

describe('engineProgram', () => {
  const both = { docker: '/bin/docker', podman: '/bin/podman' };
  const podman = { ...docker, id: 'unix:///run/podman.sock', engine: 'podman' } as const;
  it('talks to just the endpoint', () => {
    assert.deepEqual(engineProgram(docker, both), { program: '/bin/docker', args: ['--host', docker.id] });
    assert.deepEqual(engineProgram({ ...docker, source: 'context', name: 'colima' }, both), { program: '/bin/docker', args: ['--context', 'colima'] });
    assert.deepEqual(engineProgram({ ...docker, id: 'https://h:2376' }, both), { program: '/bin/docker', args: ['--tls', '--host', 'tcp://h:2376'] });
    assert.deepEqual(engineProgram(podman, both), { program: '/bin/podman', args: ['--url', podman.id] });
  });
  it('lets Docker’s program serve Podman, but not the other way round', () => {
    assert.deepEqual(engineProgram(podman, { docker: '/bin/docker' }), { program: '/bin/docker', args: ['--host', podman.id] });
    assert.equal(engineProgram(docker, { podman: '/bin/podman' }), undefined);
  });
  it('brings one service up, by arguments', () => {
    const shop = { name: 'my shop', folder: '/a b', configFiles: ['/a b/x.yml', '/a b/y.yml'] };
    assert.deepEqual(composeUp(docker, both, shop, 'db')?.args, [
      ...['--host', docker.id, 'compose', '--project-name', 'my shop', '--project-directory', '/a b'],
      ...['--file', '/a b/x.yml', '--file', '/a b/y.yml', 'up', '-d', 'db'],
    ]);
    assert.deepEqual(composeUp(podman, { ...both, podmanCompose: '/bin/pc' }, shop, 'db'), {
      program: '/bin/pc',
      args: ['-p', 'my shop', '-f', '/a b/x.yml', '-f', '/a b/y.yml', 'up', '-d', 'db'],
      env: { CONTAINER_HOST: podman.id },
    });
  });
});

describe('viewState', () => {
  const failed = (code: string) => ({ id: code, name: code, source: 'socket', state: 'failed', problem: { code, message: '', remedy: '' } }) as const;
  const cases = [
    ['untrusted', undefined, false],
    ['untrusted', inventory([project()]), false],
    ['loading', undefined, true],
    ['ready', inventory([project()]), true],
    ['noDatabase', inventory([]), true],
    ['noEngine', inventory([], []), true],
    ['engineStopped', inventory([], [failed('ENGINE_NOT_RUNNING'), failed('ENGINE_ABSENT')]), true],
    ['engineForbidden', inventory([], [failed('ENGINE_NOT_RUNNING'), failed('ENGINE_FORBIDDEN')]), true],
    ['engineFailed', inventory([], [failed('ENGINE_CERTIFICATE')]), true],
  ] as const;
  for (const [expected, state, trusted] of cases) {
    it(`is ${expected}`, () => assert.equal(viewState(state, trusted), expected));
  }
});

describe('texts of strangers', () => {
  it('lose their passwords', () => {
    assert.equal(redact('could not connect to postgresql://u:s3cret@h:5432/d'), 'could not connect to postgresql://u:…@h:5432/d');
    assert.equal(redact('tcp://10.0.0.1:2375 and a@b'), 'tcp://10.0.0.1:2375 and a@b');
  });
  it('have no meaning as Markdown', () => {
    assert.equal(escapeMarkdown('a_[b](c)\n$(x)'), 'a&#95;&#91;b&#93;&#40;c&#41; &#36;&#40;x&#41;');
  });
});
