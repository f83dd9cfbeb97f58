import assert from 'node:assert/strict';
import { choiceOption } from '../../../src/cli/command';
import { noneWanted, withWantedProjects } from '../../../src/cli/wantedProjects';
import { patternsIn } from '../../../src/inventory/wanted';
import type { Inventory } from '../../../src/inventory/model';
import { asFailure, Failure } from '../../../src/protocol/failure';

const inventory = (state: 'connected' | 'failed'): Inventory => ({
  endpoints: [{ id: 'e', address: { kind: 'unix', path: '/run/docker.sock' }, state } as unknown as Inventory['endpoints'][number]],
  projects: [],
});

describe('the projects that are looked at', () => {
  it('may have spaces between them', () => {
    assert.deepEqual(patternsIn(' reims, stage*,,'), ['reims', 'stage*']);
    assert.deepEqual(patternsIn(), []);
  });

  it('are said to be none where none is called so, and an engine has answered', () => {
    assert.equal(noneWanted(inventory('connected'), ['raims', 'x']), 'No project fits --project raims,x.');
    assert.equal(noneWanted(inventory('connected'), []), undefined);
    assert.equal(noneWanted(inventory('failed'), ['raims']), undefined);
  });

  it('are the remedy of a target that was not found', () => {
    const failure = new Failure('TARGET_NOT_FOUND', 'There is no database "reims".', 'No database is running.');
    assert.equal(
      asFailure(withWantedProjects(failure, inventory('connected'), ['raims'])).remedy,
      'No project fits --project raims. Without it, all are looked at.',
    );
    assert.match(
      asFailure(withWantedProjects(failure, inventory('failed'), ['raims'])).remedy,
      /running\. Only projects that fit --project raims were looked at\.$/,
    );
    assert.equal(withWantedProjects(failure, inventory('connected'), []), failure);
  });
});

describe('an option with choices', () => {
  it('is called as it is written', () => {
    assert.throws(() => choiceOption({ onConflict: 'banana' }, 'onConflict', ['skip']), /--on-conflict cannot be "banana"/);
  });
});
