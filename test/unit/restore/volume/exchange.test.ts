import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exchangeBack, exchangeForward } from '../../../../src/restore/volume/exchange';

/** The programs that change something; each may be the last one that a script gets to run. */
const programs = ['mv', 'rmdir', 'mkdir', 'rm', 'chown', 'chmod'];
/** More than any of the scripts makes. */
const mostChanges = 40;

describe('the exchange of two data directories', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'exchange-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A data directory with another one laid beside it. */
  const prepare = (name: string): string => {
    const place = path.join(folder, name);
    const beside = path.join(place, '.container-databases-new');
    for (const [at, text] of [
      [place, 'old'],
      [beside, 'new'],
    ] as const) {
      mkdirSync(path.join(at, 'base'), { recursive: true });
      for (const file of ['PG_VERSION', 'base/1', `only ${text}`]) writeFileSync(path.join(at, file), text);
    }
    mkdirSync(path.join(place, 'lost+found'));
    chmodSync(place, 0o750);
    chmodSync(beside, 0o700);
    return place;
  };

  /** Runs a script that is killed after so many changes. Gives whether it came to its end. */
  const run = (script: string, place: string, changes = mostChanges): boolean => {
    const counted = programs.map((program) => `${program}() { [ "$left" -gt 0 ] || kill -9 $$; left=$((left - 1)); command ${program} "$@"; }`);
    const killed = [`left=${changes}`, 'sync() { :; }', ...counted, script].join('\n');
    return spawnSync('sh', ['-c', killed, 'sh', place]).status === 0;
  };

  const assertIs = (place: string, text: 'old' | 'new', beside: 'old' | 'new' | undefined, message: string): void => {
    const hidden = beside === undefined ? [] : [`.container-databases-${beside}`];
    assert.deepEqual(readdirSync(place).toSorted(), [...hidden, 'PG_VERSION', 'base', 'lost+found', `only ${text}`].toSorted(), message);
    for (const file of ['PG_VERSION', 'base/1', `only ${text}`]) assert.equal(readFileSync(path.join(place, file), 'utf8'), text, message);
    assert.equal((statSync(place).mode & 0o777).toString(8), text === 'old' ? '750' : '700', message);
    if (beside !== undefined) assert.deepEqual(readdirSync(path.join(place, hidden[0] ?? '')).toSorted(), ['PG_VERSION', 'base', `only ${beside}`], message);
  };

  it('puts the one in place of the other, which lies beside it', () => {
    const place = prepare('a');
    assert.ok(run(exchangeForward, place));
    assertIs(place, 'new', 'old', 'forward');
    assert.ok(run(exchangeForward, place));
    assertIs(place, 'new', 'old', 'forward again');
    assert.ok(run(exchangeBack, place));
    assertIs(place, 'old', undefined, 'back');
    assert.ok(run(exchangeBack, place));
    assertIs(place, 'old', undefined, 'back again');
  });

  it('is finished or taken back wherever it was killed, and is no cluster between the two', function () {
    this.timeout(20_000);
    let kills = 0;
    for (let changes = 0, ended = false; !ended; changes += 1) {
      for (const [script, text, beside] of [
        [exchangeForward, 'new', 'old'],
        [exchangeBack, 'old', undefined],
      ] as const) {
        const place = prepare(`${changes} ${text}`);
        ended = run(exchangeForward, place, changes);
        assertNoMixture(place, `forward, ${changes} changes`);
        assert.ok(run(script, place));
        assertIs(place, text, beside, `forward, ${changes} changes, then ${text}`);
      }
      if (!ended) kills += 1;
    }
    assert.ok(kills > 8, `killed at ${kills} places only`);
  });

  it('is taken back also when the taking back is killed', function () {
    this.timeout(20_000);
    for (let changes = 0; ; changes += 1) {
      const place = prepare(`back ${changes}`);
      run(exchangeForward, place);
      const whole = run(exchangeBack, place, changes);
      assertNoMixture(place, `back, ${changes} changes`);
      assert.ok(run(exchangeBack, place));
      assertIs(place, 'old', undefined, `back, ${changes} changes`);
      if (whole) break;
    }
  });
});

/** Whatever has PG_VERSION in it is one of the two, whole. */
function assertNoMixture(place: string, message: string): void {
  if (!readdirSync(place).includes('PG_VERSION')) return;
  const text = readFileSync(path.join(place, 'PG_VERSION'), 'utf8');
  for (const file of ['base/1', `only ${text}`]) assert.equal(readFileSync(path.join(place, file), 'utf8'), text, message);
}
