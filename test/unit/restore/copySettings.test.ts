import assert from 'node:assert/strict';
import { settingStatement } from '../../../src/restore/copySettings';

describe('settingStatement', () => {
  for (const [setting, expected] of [
    ['work_mem=5MB', `ALTER DATABASE "a ""b""" SET "work_mem" TO '5MB'`],
    ['search_path="$user", "odd, ""name""", public', `ALTER DATABASE "a ""b""" SET "search_path" TO '$user', 'odd, "name"', 'public'`],
    ['search_path=""', `ALTER DATABASE "a ""b""" SET "search_path" TO ''`],
    ['search_path=', `ALTER DATABASE "a ""b""" SET "search_path" TO ''`],
    ['DateStyle=ISO, DMY', `ALTER DATABASE "a ""b""" SET "DateStyle" TO 'ISO, DMY'`],
    [`app.words=it's = "so"`, `ALTER DATABASE "a ""b""" SET "app"."words" TO 'it''s = "so"'`],
  ] as const) {
    it(`says ${setting} again`, () => assert.equal(settingStatement('a "b"', null, setting), expected));
  }

  it('says for whom', () => assert.equal(settingStatement('app', 'r"1', 'jit=off'), `ALTER ROLE "r""1" IN DATABASE "app" SET "jit" TO 'off'`));
});
