import assert from 'node:assert/strict';
import { stateFolder, type StateHost } from '../../../src/operations/stateFolder';

describe('stateFolder', () => {
  for (const [title, host, expected] of [
    ['Linux', { platform: 'linux', home: '/home/me', env: {} }, '/home/me/.local/state/container-databases'],
    ['Linux with XDG_STATE_HOME', { platform: 'linux', home: '/home/me', env: { XDG_STATE_HOME: '/state' } }, '/state/container-databases'],
    ['Linux with an empty XDG_STATE_HOME', { platform: 'linux', home: '/home/me', env: { XDG_STATE_HOME: '' } }, '/home/me/.local/state/container-databases'],
    ['macOS', { platform: 'darwin', home: '/Users/me', env: { XDG_STATE_HOME: '/state' } }, '/Users/me/Library/Application Support/container-databases'],
    ['Windows', { platform: 'win32', home: 'C:\\Users\\me', env: { LOCALAPPDATA: 'D:\\Local' } }, 'D:\\Local\\container-databases'],
    ['Windows without LOCALAPPDATA', { platform: 'win32', home: 'C:\\Users\\me', env: {} }, 'C:\\Users\\me\\AppData\\Local\\container-databases'],
    ['a folder of one’s own', { platform: 'linux', home: '/home/me', env: { CONTAINER_DATABASES_STATE: '/elsewhere' } }, '/elsewhere'],
  ] as const satisfies readonly (readonly [string, StateHost, string])[]) {
    it(`is right on ${title}`, () => assert.equal(stateFolder(host), expected));
  }
});
