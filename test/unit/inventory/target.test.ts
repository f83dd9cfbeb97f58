import assert from 'node:assert/strict';
import type { Inventory } from '../../../src/inventory/model';
import { databaseTargets, findDatabase, findPlace, findService, targetName } from '../../../src/inventory/target';
import { rejectsWith } from '../operations/rejectsWith';
import { inventoryOf, projectOf, serviceOf } from './inventoryParts';

const shop = projectOf('shop', [serviceOf('shop', 'db', ['app', 'reports'])]);
const blog = projectOf('blog', [serviceOf('blog', 'postgres', ['wordpress'])]);
const two = projectOf('two', [serviceOf('two', 'main', ['app']), serviceOf('two', 'audit', ['log'])]);
const inventory = inventoryOf(shop, blog, two);

describe('findDatabase', () => {
  for (const [text, expected] of [
    ['shop/db/app', 'shop/db/app'],
    ['shop/app', 'shop/db/app'],
    ['db/app', 'shop/db/app'],
    ['reports', 'shop/db/reports'],
    ['shop-db-1/app', 'shop/db/app'],
    ['blog', 'blog/postgres/wordpress'],
    ['postgres', 'blog/postgres/wordpress'],
    ['blog/postgres', 'blog/postgres/wordpress'],
    ['blog-postgres-1', 'blog/postgres/wordpress'],
    ['wordpress', 'blog/postgres/wordpress'],
    ['two/app', 'two/main/app'],
    ['main', 'two/main/app'],
    ['audit', 'two/audit/log'],
    ['log', 'two/audit/log'],
  ] as const) {
    it(`takes "${text}" for ${expected}`, () => assert.equal(targetName(findDatabase(inventory, text)), expected));
  }

  for (const [text, fitting] of [
    ['app', ['shop/db/app', 'two/main/app']],
    ['shop', ['shop/db/app', 'shop/db/reports']],
    ['db', ['shop/db/app', 'shop/db/reports']],
    ['two', ['two/main/app', 'two/audit/log']],
  ] as const) {
    it(`says what "${text}" may mean`, async () => {
      const { message } = await rejectsWith('TARGET_AMBIGUOUS', () => findDatabase(inventory, text));
      for (const name of fitting) assert.ok(message.includes(name), message);
    });
  }

  for (const text of ['', '/', 'nothing', 'shop/db/', 'shop/db/ap', 'SHOP/db/app', 'shop//app', '/shop/db/app', 'shop/db/app/']) {
    it(`finds nothing under "${text}", and says what there is`, async () => {
      const { remedy } = await rejectsWith('TARGET_NOT_FOUND', () => findDatabase(inventory, text));
      assert.ok(remedy.includes('shop/db/app'));
    });
  }

  it('compares names whole, whatever they contain', () => {
    const names = ['a/b', 'ünï 🐘', `it's "quoted"`, 'with space', '-x', 'shop/db', '%s', '..', 'a=b'];
    const odd = inventoryOf(projectOf('odd', [serviceOf('odd', 'db', names)]));
    for (const name of names) {
      assert.equal(findDatabase(odd, `odd/db/${name}`).database.name, name);
      assert.equal(findDatabase(odd, name).database.name, name);
      assert.equal(findDatabase(odd, `odd/${name}`).database.name, name);
    }
  });

  it('prefers a full name to a short one that reads the same', () => {
    const odd = inventoryOf(projectOf('a', [serviceOf('a', 'b', ['c'])]), projectOf('x', [serviceOf('x', 'y', ['a/b/c'])]));
    assert.equal(targetName(findDatabase(odd, 'a/b/c')), 'a/b/c');
    assert.equal(targetName(findDatabase(odd, 'x/y/a/b/c')), 'x/y/a/b/c');
  });

  it('takes every database by its full name, even where all short forms are ambiguous', () => {
    for (const target of databaseTargets(inventory)) assert.equal(targetName(findDatabase(inventory, targetName(target))), targetName(target));
  });

  it('says that a stopped service is stopped', async () => {
    const stopped = inventoryOf(projectOf('shop', [serviceOf('shop', 'db', [], { state: 'stopped' })]), blog);
    for (const text of ['shop', 'db', 'shop/db', 'shop/db/app', 'app', 'shop-db-1']) {
      const { message } = await rejectsWith('SERVICE_NOT_RUNNING', () => findDatabase(stopped, text));
      assert.ok(message.includes('stopped'), message);
    }
  });

  it('passes on why a running service cannot be asked', async () => {
    const problem = { code: 'PASSWORD_WRONG', message: 'The password is wrong.', remedy: 'Set it.' };
    const shut = inventoryOf(projectOf('shop', [serviceOf('shop', 'db', [], { problem })]));
    const failure = await rejectsWith('SERVICE_NOT_RUNNING', () => findDatabase(shut, 'shop/db/app'));
    assert.ok(failure.message.includes('The password is wrong.'));
    assert.equal(failure.remedy, 'Set it.');
  });

  it('passes on why there is no engine', async () => {
    const problem = { code: 'ENGINE_ABSENT', message: 'There is no engine.', remedy: 'Start Docker.' };
    const none: Inventory = { endpoints: [{ id: 'x', name: 'x', source: 'socket', state: 'failed', problem }], projects: [] };
    assert.equal((await rejectsWith('ENGINE_ABSENT', () => findDatabase(none, 'shop'))).remedy, 'Start Docker.');
  });

  it('says that no database runs when none does', async () => {
    assert.equal((await rejectsWith('TARGET_NOT_FOUND', () => findDatabase(inventoryOf(), 'shop'))).remedy, 'No database is running.');
  });
});

describe('findPlace', () => {
  const place = (from: Inventory, text: string): string => {
    const { project, service, databaseName } = findPlace(from, text);
    return `${project.name}|${service.name}|${databaseName}`;
  };

  for (const [text, expected] of [
    ['shop/db/app', 'shop|db|app'],
    ['wordpress', 'blog|postgres|wordpress'],
    ['shop/db/new', 'shop|db|new'],
    ['shop/new', 'shop|db|new'],
    ['db/new', 'shop|db|new'],
    ['two/audit/new', 'two|audit|new'],
    ['shop/db/with/slash', 'shop|db|with/slash'],
    ['shop/db/ 🐘', 'shop|db| 🐘'],
  ] as const) {
    it(`takes "${text}" for ${expected}`, () => assert.equal(place(inventory, text), expected));
  }

  for (const text of ['new', 'two/new', 'nowhere/db/new', 'shop/db/']) {
    it(`does not guess at "${text}"`, () => assert.throws(() => findPlace(inventory, text), { code: 'TARGET_NOT_FOUND' }));
  }

  it('does not guess between databases that exist', () => assert.throws(() => findPlace(inventory, 'app'), { code: 'TARGET_AMBIGUOUS' }));

  for (const [title, left] of [
    ['beside others', ['reports']],
    ['that was the only one', []],
  ] as const) {
    it(`finds the place of a dropped database ${title}`, () => {
      const service = serviceOf('shop', 'db', left, { postgres: { user: 'app', database: 'app', version: '17.2', major: 17 } });
      const dropped = inventoryOf(projectOf('shop', [service]), blog);
      assert.equal(place(dropped, 'shop/db/app'), 'shop|db|app');
      assert.equal(place(dropped, 'shop/app'), 'shop|db|app');
      if (left.length === 0) for (const text of ['shop', 'shop/db']) assert.equal(place(dropped, text), 'shop|db|app');
    });
  }

  it('says that a stopped service is stopped', () => {
    const stopped = inventoryOf(projectOf('shop', [serviceOf('shop', 'db', [], { state: 'stopped' })]));
    assert.throws(() => findPlace(stopped, 'shop/db/app'), { code: 'SERVICE_NOT_RUNNING' });
  });
});

describe('findService', () => {
  for (const [text, expected] of [
    ['shop', 'shop/db'],
    ['shop/db', 'shop/db'],
    ['db', 'shop/db'],
    ['shop-db-1', 'shop/db'],
    ['two/audit', 'two/audit'],
    ['wordpress', 'blog/postgres'],
  ] as const) {
    it(`takes "${text}" for ${expected}`, () => {
      const { project, service } = findService(inventory, text);
      assert.equal(`${project.name}/${service.name}`, expected);
    });
  }

  it('finds stopped services too', () => {
    const stopped = inventoryOf(projectOf('shop', [serviceOf('shop', 'db', [], { state: 'stopped' })]));
    assert.equal(findService(stopped, 'shop').service.name, 'db');
  });

  it('does not guess', () => {
    assert.throws(() => findService(inventory, 'two'), { code: 'TARGET_AMBIGUOUS' });
    assert.throws(() => findService(inventory, 'nothing'), { code: 'TARGET_NOT_FOUND' });
  });
});
