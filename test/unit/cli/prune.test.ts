import assert from 'node:assert/strict';
import { wantedBackups } from '../../../src/cli/commands/prune';
import { inventoryOf, projectOf, serviceOf } from '../inventory/inventoryParts';
import { rejectsWith } from '../operations/rejectsWith';

const inventory = inventoryOf(
  projectOf('shop', [serviceOf('shop', 'db', ['shop', 'jobs']), serviceOf('shop', 'cache', ['queue'])]),
  projectOf('blog', [serviceOf('blog', 'postgres', ['blog'])]),
);
const meant = (text: string): unknown => wantedBackups(inventory, text).map(({ project, service, database }) => [project.name, service, database]);

describe('wantedBackups', () => {
  for (const [text, expected] of [
    [
      '',
      [
        ['shop', undefined, undefined],
        ['blog', undefined, undefined],
      ],
    ],
    ['shop', [['shop', undefined, undefined]]],
    ['blog', [['blog', undefined, undefined]]],
    ['shop/db', [['shop', 'db', undefined]]],
    ['cache', [['shop', 'cache', undefined]]],
    ['blog-postgres-1', [['blog', 'postgres', undefined]]],
    ['shop/db/jobs', [['shop', 'db', 'jobs']]],
    ['jobs', [['shop', 'db', 'jobs']]],
    ['shop/db/dropped', [['shop', 'db', 'dropped']]],
  ] as const) {
    it(`takes ${JSON.stringify(text)} for ${JSON.stringify(expected)}`, () => assert.deepEqual(meant(text), expected));
  }

  it('refuses what nobody knows, and what fits several', async () => {
    await rejectsWith('TARGET_NOT_FOUND', () => meant('nobody'));
    const twice = inventoryOf(projectOf('shop', [serviceOf('shop', 'db', ['a'])]), projectOf('shop', [serviceOf('shop', 'db', ['b'])]));
    await rejectsWith('TARGET_AMBIGUOUS', () => wantedBackups(twice, 'shop'));
  });
});
