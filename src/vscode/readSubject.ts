import type { Subject } from './present/subject';
import type { TreeNode } from './present/treeNode';

/** What a command was called on: the row that VS Code hands over; undefined when it came from elsewhere. */
export function readSubject(argument: unknown): Subject | undefined {
  return isNode(argument) ? argument.subject : undefined;
}

// Only our own view hands over such objects, whole or not at all.
function isNode(value: unknown): value is Pick<TreeNode, 'subject'> {
  return (
    typeof value === 'object' && value !== null && 'subject' in value && typeof value.subject === 'object' && value.subject !== null && 'kind' in value.subject
  );
}
