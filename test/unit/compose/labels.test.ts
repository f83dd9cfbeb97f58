import assert from 'node:assert/strict';
import { composeOrigin, composeResource, type ComposeOrigin } from '../../../src/compose/labels';

const docker = {
  // As Compose 2.26 wrote them for the reims stack in a folder with a comma.
  'com.docker.compose.config-hash': '144bd200efc0e83cf3ad8639bed008d4ea3a2c787b38c18a3664f1324f7909ca',
  'com.docker.compose.container-number': '1',
  'com.docker.compose.depends_on': 'db-init:service_completed_successfully:false,postgres:service_healthy:false',
  'com.docker.compose.image': 'sha256:67c5a86b6d9f453a9dcf906b74031b82b13a51f74b754340829d6f359b13033b',
  'com.docker.compose.oneoff': 'False',
  'com.docker.compose.project': 'reims',
  'com.docker.compose.project.config_files': '/srv/re,ims/docker-compose.yml',
  'com.docker.compose.project.working_dir': '/srv/re,ims',
  'com.docker.compose.service': 'backend',
  'com.docker.compose.version': '2.26.1',
};
const podman = {
  // As podman-compose 1.0.3 writes them.
  'io.podman.compose.config-hash': '123',
  'io.podman.compose.project': 'budgie',
  'io.podman.compose.version': '0.0.1',
  'com.docker.compose.project': 'budgie',
  'com.docker.compose.project.working_dir': '/home/u/budgie',
  'com.docker.compose.project.config_files': 'compose.yml',
  'com.docker.compose.container-number': '1',
  'com.docker.compose.service': 'db',
};

const bare = { configFiles: [], environmentFiles: [], oneOff: false, dependsOn: [], containerNumber: 1 };

describe('composeOrigin', () => {
  it('reads the labels of Docker Compose', () => {
    assert.deepEqual(composeOrigin(docker), {
      ...bare,
      project: 'reims',
      service: 'backend',
      workingDir: '/srv/re,ims',
      configFiles: ['/srv/re,ims/docker-compose.yml'],
      dependsOn: [
        { service: 'db-init', condition: 'service_completed_successfully' },
        { service: 'postgres', condition: 'service_healthy' },
      ],
    } satisfies ComposeOrigin);
  });

  it('reads the labels of podman-compose, whose files are relative', () => {
    assert.deepEqual(composeOrigin(podman), {
      ...bare,
      project: 'budgie',
      service: 'db',
      workingDir: '/home/u/budgie',
      configFiles: ['/home/u/budgie/compose.yml'],
    } satisfies ComposeOrigin);
  });

  it('reads either prefix alone', () => {
    const labels = { 'io.podman.compose.project': 'p', 'io.podman.compose.service': 's', 'io.podman.compose.container-number': '3' };
    assert.deepEqual(composeOrigin(labels), { ...bare, project: 'p', service: 's', containerNumber: 3 });
  });

  const none: readonly Readonly<Record<string, string>>[] = [
    {},
    { maintainer: 'x' },
    { 'com.docker.compose.service': 's' },
    { 'com.docker.compose.project': 'p' },
    { 'com.docker.compose.project': '', 'com.docker.compose.service': 's' },
    { 'com.docker.stack.namespace': 'p', 'com.docker.swarm.service.name': 's' },
  ];
  for (const labels of none) it(`finds no origin in ${JSON.stringify(labels)}`, () => assert.equal(composeOrigin(labels), undefined));

  it('takes the container for the service where only the project is labelled', () => {
    const labels = { 'com.docker.compose.project': 'shop', 'com.supabase.cli.project': 'shop' };
    assert.deepEqual(composeOrigin(labels, '/supabase_db_shop'), { ...bare, project: 'shop', service: 'supabase_db_shop' });
    assert.equal(composeOrigin({ 'com.docker.compose.project': 'shop' }, '/'), undefined);
  });

  const dependencies: readonly (readonly [text: string, expected: ComposeOrigin['dependsOn']])[] = [
    ['', []],
    ['db', [{ service: 'db', condition: 'service_started' }]],
    [
      'db,cache',
      [
        { service: 'db', condition: 'service_started' },
        { service: 'cache', condition: 'service_started' },
      ],
    ],
    ['db:service_healthy', [{ service: 'db', condition: 'service_healthy' }]],
    ['db:service_healthy:true', [{ service: 'db', condition: 'service_healthy' }]],
    [' db::false , ', [{ service: 'db', condition: 'service_started' }]],
  ];
  for (const [text, expected] of dependencies) {
    it(`reads depends_on ${JSON.stringify(text)}`, () => {
      assert.deepEqual(composeOrigin({ ...docker, 'com.docker.compose.depends_on': text })?.dependsOn, expected);
    });
  }

  const files: readonly (readonly [workingDir: string | undefined, text: string, expected: readonly string[]])[] = [
    ['/p', '', []],
    ['/p', '-', []],
    ['/p', '/p/a.yml,/p/b.yml', ['/p/a.yml', '/p/b.yml']],
    ['/p', '/p/a.yml, /q/b.yml', ['/p/a.yml', '/q/b.yml']],
    ['/p/x,y', '/p/x,y/a.yml,/p/x,y/b.yml', ['/p/x,y/a.yml', '/p/x,y/b.yml']],
    ['/p', 'docker-compose.yml,docker-compose.override.yml', ['/p/docker-compose.yml', '/p/docker-compose.override.yml']],
    ['/p', './docker-compose.yml,ci/extra.yml', ['/p/docker-compose.yml', '/p/ci/extra.yml']],
    ['/p/deploy', 'deploy/a.yml,deploy/b.yml,other/c.yml', ['/p/deploy/a.yml', '/p/deploy/b.yml', '/p/other/c.yml']],
    ['/p', '../a.yml,../b.yml,c.yml', ['/p/a.yml', '/p/b.yml', 'c.yml']],
    ['/p', 'a.yml,/etc/b.yml', ['/p/a.yml', '/etc/b.yml']],
    [undefined, 'a.yml', ['a.yml']],
    [undefined, '/p/a.yml', ['/p/a.yml']],
    ['C:\\Users\\me\\app', 'C:\\Users\\me\\app\\compose.yml,C:\\Users\\me\\app\\b.yml', ['C:\\Users\\me\\app\\compose.yml', 'C:\\Users\\me\\app\\b.yml']],
    ['C:\\app', 'compose.yml,ci\\b.yml', ['C:\\app\\compose.yml', 'C:\\app\\ci\\b.yml']],
    ['\\\\wsl$\\Ubuntu\\home\\me', '\\\\wsl$\\Ubuntu\\home\\me\\compose.yml', ['\\\\wsl$\\Ubuntu\\home\\me\\compose.yml']],
  ];
  for (const [workingDir, text, expected] of files) {
    it(`resolves config files ${JSON.stringify(text)} in ${workingDir ?? 'no folder'}`, () => {
      const folder = workingDir === undefined ? {} : { 'com.docker.compose.project.working_dir': workingDir };
      const labels = { 'com.docker.compose.project': 'p', 'com.docker.compose.service': 's', 'com.docker.compose.project.config_files': text, ...folder };
      assert.deepEqual(composeOrigin(labels)?.configFiles, expected);
    });
  }

  it('reads environment files, one-off containers and odd numbers', () => {
    const origin = composeOrigin({
      ...docker,
      'com.docker.compose.project.environment_file': '/srv/re,ims/.env.prod',
      'com.docker.compose.oneoff': 'True',
      'com.docker.compose.container-number': 'x',
    });
    assert.deepEqual(origin?.environmentFiles, ['/srv/re,ims/.env.prod']);
    assert.equal(origin?.oneOff, true);
    assert.equal(origin?.containerNumber, 1);
    for (const number of ['-1', '0', '1.5']) assert.equal(composeOrigin({ ...docker, 'com.docker.compose.container-number': number })?.containerNumber, 1);
  });
});

describe('composeResource', () => {
  it('reads volumes of Compose and of podman-compose', () => {
    assert.deepEqual(composeResource({ 'com.docker.compose.project': 'p', 'com.docker.compose.volume': 'data' }), { project: 'p', key: 'data' });
    assert.deepEqual(composeResource({ 'io.podman.compose.project': 'p', 'com.docker.compose.project': 'p' }), { project: 'p' });
    assert.equal(composeResource({}), undefined);
  });
});
