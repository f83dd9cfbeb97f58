import type { Rule } from '../rule';
import { headsOf } from '../heads';

/** There are several heads. */
export const multipleHeads: Rule = {
  id: 'multiple-heads',
  title: 'There are several heads',
  severity: 'high',
  why: 'Alembic does not know which of them is meant, and refuses to upgrade to "head". Usually two people branched off the same revision.',
  remedy: 'Merge them: alembic merge heads. Never change down_revision of a revision that others have.',
  source: 'https://alembic.sqlalchemy.org/en/latest/branches.html',
  bad: [],
  good: [],
  files: (files) =>
    headsOf(files).map(({ file, revision, others }) => ({
      file,
      span: revision.span,
      message: `${revision.id} is one of ${others.length + 1} heads; the others are ${others.map(({ id }) => id).join(', ')}.`,
      questions: [{ kind: 'versions' }],
    })),
};
