import assert from 'node:assert/strict';
import { Linter } from '../../../src/lint/linter';
import type { Answer } from '../../../src/lint/live/answered';
import { questionKey } from '../../../src/lint/live/keeper';
import type { Question } from '../../../src/lint/live/question';
import { withFacts } from '../../../src/lint/live/withFacts';
import { lintText, type StoredFinding } from '../../../src/lint/run';

const migration =
  "from alembic import op\nimport sqlalchemy as sa\nrevision = 'b'\ndown_revision = 'a'\n\n\ndef upgrade():\n    op.drop_column('users', 'plan')\n\n\ndef downgrade():\n    op.add_column('users', sa.Column('plan', sa.Text()))\n";

describe('findings with facts', () => {
  const linter = new Linter(false);
  const told = async (answer: (question: Question) => Answer | undefined): Promise<readonly StoredFinding[]> => {
    const { findings } = await lintText('b.py', migration, linter, true);
    return withFacts(findings, async (questions) => ({
      database: 'shop',
      askedAt: new Date(0),
      answers: new Map(
        questions.flatMap((each): readonly (readonly [string, Answer])[] => {
          const said = answer(each);
          return said === undefined ? [] : [[questionKey(each), said]];
        }),
      ),
    }));
  };

  it('say what the database answers, and count for more where it makes them worse', async () => {
    const findings = await told(({ kind }) => (kind === 'values' ? { text: '3 values, of 4 rows', raised: 'very high' } : undefined));
    const drop = findings.find(({ rule }) => rule === 'column-drop');
    assert.match(drop?.message ?? '', /\nshop: 3 values, of 4 rows\.$/);
    assert.equal(drop?.raised, 'very high');
  });

  it('are told with facts only where there is something to add', async () => {
    assert.ok(!(await told(() => undefined)).some(({ rule }) => rule === 'no-recent-backup'));
    const findings = await told(({ kind }) => (kind === 'lastBackup' ? { text: 'no verified backup', raised: 'high' } : undefined));
    assert.ok(findings.some(({ rule, raised }) => rule === 'no-recent-backup' && raised === 'high'));
  });

  it('have no questions where nobody is asked', async () => {
    const { findings } = await lintText('b.py', migration, linter);
    assert.ok(findings.length > 0 && findings.every((each) => !('questions' in each) && each.rule !== 'no-recent-backup'));
  });
});
