import assert from 'node:assert/strict';
import { commandTable } from '../../../src/cli/commandTable';

describe('the commands', () => {
  for (const [word, load] of Object.entries(commandTable)) {
    it(`has ${word} under its own name`, async () => assert.equal((await load()).name, word));
  }
});
