import assert from 'node:assert/strict';
import { composeProjectName, podmanComposeProjectNames, volumeName } from '../../../src/compose/projectName';

describe('composeProjectName', () => {
  const cases: readonly (readonly [folder: string, environment: Readonly<Record<string, string>>, name: string | undefined, expected: string])[] = [
    ['/home/u/reims', {}, undefined, 'reims'],
    ['/home/u/reims/', {}, undefined, 'reims'],
    ['/home/u/My App_2', {}, undefined, 'myapp_2'],
    ['/home/u/My-Proj_3', {}, undefined, 'my-proj_3'],
    ['/home/u/_-.hidden', {}, undefined, 'hidden'],
    ['/home/u/Büro', {}, undefined, 'bro'],
    ['/home/u/日本', {}, undefined, ''],
    ['C:\\Users\\me\\Shop Api', {}, undefined, 'shopapi'],
    ['/x/y', {}, 'expenses-prod', 'expenses-prod'],
    ['/x/y', {}, 'Mixed Case', 'mixedcase'],
    ['/x/y', {}, '', 'y'],
    ['/x/y', { COMPOSE_PROJECT_NAME: 'env' }, 'file', 'env'],
    ['/x/y', { COMPOSE_PROJECT_NAME: '' }, 'file', 'file'],
  ];
  for (const [folder, environment, name, expected] of cases) {
    it(`${folder} ${JSON.stringify(environment)} ${name ?? '(no name)'}: ${expected}`, () => {
      assert.equal(composeProjectName({ folder, environment, ...(name === undefined ? {} : { name }) }), expected);
    });
  }
});

describe('podmanComposeProjectNames', () => {
  it('gives what one version or another would take', () => {
    assert.deepEqual(podmanComposeProjectNames({ folder: '/u/Budgie App', environment: {} }), ['budgieapp']);
    assert.deepEqual(podmanComposeProjectNames({ folder: '/u/_x', environment: {} }), ['_x']);
    const facts = { folder: '/u/folder', environment: { COMPOSE_PROJECT_NAME: 'e.n v' }, name: 'file' };
    assert.deepEqual(podmanComposeProjectNames(facts), ['file', 'env', 'folder']);
  });
});

describe('volumeName', () => {
  it('is the given name, the key of an external volume, or made from project and key', () => {
    assert.equal(volumeName({ key: 'data', external: false }, 'reims'), 'reims_data');
    assert.equal(volumeName({ key: 'data', external: false, name: 'budgie-postgres-data' }, 'budgie'), 'budgie-postgres-data');
    assert.equal(volumeName({ key: 'data', external: true }, 'p'), 'data');
    assert.equal(volumeName({ key: 'data', external: true, name: 'n' }, 'p'), 'n');
  });
});
