import type { Rule } from '../rule';

/** There is no way back. */
export const downgradeMissing: Rule = {
  id: 'downgrade-missing',
  title: 'There is no way back',
  severity: 'medium',
  why: 'A revision that cannot be undone leaves restoring a backup as the only way back.',
  remedy: 'Write downgrade(); where there is no way back, let it raise an error that says so.',
  source: 'https://alembic.sqlalchemy.org/en/latest/tutorial.html',
  bad: [
    `def upgrade():
    op.add_column('users', sa.Column('phone', sa.Text()))


def «downgrade»():
    pass`,
    `def «upgrade»():
    op.add_column('users', sa.Column('phone', sa.Text()))`,
  ],
  good: [
    `def upgrade():
    op.add_column('users', sa.Column('phone', sa.Text()))


def downgrade():
    op.drop_column('users', 'phone')`,
    `def upgrade():
    pass


def downgrade():
    pass`,
    `def upgrade():
    op.drop_table('x')


def downgrade():
    raise NotImplementedError('There is no way back.')`,
  ],
  file: ({ sections, wantsDown, broken }) => {
    const up = sections.find(({ direction }) => direction === 'up');
    const down = sections.find(({ direction }) => direction === 'down');
    if (!wantsDown || up === undefined || up.body !== 'statements' || up.statements.length === 0) return [];
    if (down === undefined)
      return broken === undefined ? [{ span: up.heading, message: 'There is no downgrade: what this does cannot be undone.', direction: 'up' }] : [];
    return down.body === 'empty' ? [{ span: down.heading, message: 'The downgrade does nothing: what upgrade does is not undone.', direction: 'down' }] : [];
  },
};
