import assert from 'node:assert/strict';
import type { Volume } from '../../../../src/inventory/model';
import { parseContent } from '../../../../src/persistence/volumes/lend';
import { describeGuard, planGuard, type GuardedAction, type GuardedService, type GuardFacts } from '../../../../src/persistence/volumes/guardPlan';
import { productionSign } from '../../../../src/persistence/volumes/production';
import { Failure } from '../../../../src/protocol/failure';
import { guardQuestion, typedPrompt } from '../../../../src/vscode/present/guardText';
import { clock, english } from '../../vscode/facts';

const named: Volume = { kind: 'named', name: 'shop_data', destination: '/data', dataDirectory: '/data' };
const db: GuardedService = {
  service: 'db',
  state: 'running',
  volume: named,
  ofProject: true,
  vanishes: false,
  databases: [
    { name: 'app', sizeBytes: 12_000_000 },
    { name: 'other', sizeBytes: 8_000_000 },
  ],
  newestBackup: { file: '/b/x.dump', finishedAt: new Date(clock.now.getTime() - 5 * 60_000) },
};
const facts: GuardFacts = {
  action: 'down with volumes',
  project: 'shop',
  services: [db],
  containers: ['shop-db-1', 'shop-api-1'],
  otherVolumes: ['shop_redis'],
  production: undefined,
  compose: true,
  insideOne: false,
};

function fateOf(action: GuardedAction, changes: Partial<GuardedService>): string {
  const [loss] = planGuard({ ...facts, action, services: [{ ...db, ...changes }] }).losses;
  return `${loss?.fate}, ${loss?.backup}`;
}

describe('planGuard', () => {
  const volume = (kind: Volume['kind']): Partial<GuardedService> => ({ volume: { kind, dataDirectory: '/data' } });
  const cases: readonly (readonly [GuardedAction, string, Partial<GuardedService>, string])[] = [
    ['down', 'a named volume', {}, 'kept, live'],
    ['down', 'a bind mount', volume('bind'), 'kept, live'],
    ['down', 'an anonymous volume', volume('anonymous'), 'orphaned, quiet'],
    ['down', 'the container itself', volume('container layer'), 'lost, live'],
    ['down', 'memory', volume('tmpfs'), 'lost, live'],
    ['down with volumes', 'a named volume', {}, 'lost, quiet'],
    ['down with volumes', 'an external volume', { ofProject: false }, 'kept, live'],
    ['down with volumes', 'an anonymous volume', volume('anonymous'), 'lost, quiet'],
    ['down with volumes', 'a bind mount', volume('bind'), 'kept, live'],
    ['reset', 'a named volume', {}, 'lost, quiet'],
    ['remove volume', 'a bind mount', volume('bind'), 'lost, quiet'],
    ['remove volume', 'a volume whose container vanishes', { vanishes: true }, 'lost, live'],
    ['drop database', 'a named volume', {}, 'lost, dump'],
  ];
  for (const [action, what, changes, expected] of cases) {
    it(`on "${action}" says of ${what}: ${expected}`, () => assert.equal(fateOf(action, changes), expected));
  }

  it('stops, backs up, and only then removes', () => {
    assert.deepEqual(describeGuard(planGuard(facts)), [
      'stop shop-db-1, shop-api-1',
      'back up the volume of db, verified',
      'remove the containers shop-db-1, shop-api-1',
      'remove shop_data with the data of db: app (12 MB), other (8.0 MB)',
      'remove without a backup: shop_redis',
    ]);
  });

  it('refuses what would end itself, or could not be made anew', () => {
    for (const changes of [{ insideOne: true }, { action: 'reset', compose: false }] as const) {
      assert.throws(
        () => planGuard({ ...facts, ...changes }),
        (error) => error instanceof Failure && error.code === 'GUARD_REFUSED',
      );
    }
  });

  it('wants the name typed in production', () => {
    const production = 'APP_ENV=production';
    assert.equal(planGuard({ ...facts, production }).typed, 'shop');
    assert.equal(planGuard({ ...facts, action: 'drop database', database: 'app', production }).typed, 'app');
    assert.equal(planGuard(facts).typed, undefined);
  });
});

describe('guardQuestion', () => {
  it('says exactly what is lost, and what copy there is', () => {
    const { message, detail, button } = guardQuestion(english, planGuard(facts), clock);
    assert.equal(message, 'Take shop down, with its volumes?');
    assert.equal(button, 'Back up and take down');
    assert.deepEqual(detail.split('\n'), [
      'Lost:',
      '• shop_data · named volume, with "app" (12 MB), "other" (8.0 MB)',
      '',
      'Lost without a backup, since no database is known in it:',
      '• shop_redis',
      '',
      'Removed, to be made anew by Compose:',
      '• shop-db-1, shop-api-1',
      '',
      'Copies:',
      '• The newest verified backup of db was made 5 min ago.',
      '• First everything is stopped and the data backed up, to the last row; the copy is booted and counted.',
      '• If that fails, nothing is removed, and what ran is started again.',
    ]);
  });

  it('asks for the name', () => {
    const plan = planGuard({ ...facts, production: 'shop-prod' });
    assert.equal(typedPrompt(english, plan), 'This looks like production (shop-prod). Type shop to go on.');
  });
});

describe('productionSign', () => {
  const cases: readonly (readonly [string | undefined, readonly string[], Readonly<Record<string, string>>])[] = [
    ['shop-prod', ['shop-prod'], {}],
    ['docker-compose.production.yaml', ['shop', 'docker-compose.production.yaml'], {}],
    ['NODE_ENV=production', ['shop'], { NODE_ENV: 'production' }],
    ['ENVIRONMENT=Prod', ['shop'], { ENVIRONMENT: 'Prod' }],
    [undefined, ['products', 'reproduce', 'olive', 'delivery'], { NODE_ENV: 'development', PRODUCT: 'prod' }],
  ];
  for (const [expected, names, env] of cases) {
    it(`finds ${expected ?? 'none'} in ${names.join(', ')}`, () => assert.equal(productionSign({ names, env }), expected));
  }
});

describe('parseContent', () => {
  it('reads size and clusters', () => {
    assert.deepEqual(parseContent('size 2048\ncluster 17 999:999 700 .\ncluster 18 70:70 750 18/docker\n'), {
      sizeBytes: 2_097_152,
      clusters: [
        { folder: '', major: 17, owner: '999:999', mode: '700' },
        { folder: '18/docker', major: 18, owner: '70:70', mode: '750' },
      ],
    });
  });
});
