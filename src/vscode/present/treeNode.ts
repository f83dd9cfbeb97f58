import type { CommandId } from '../contributions';
import type { Subject } from './subject';

export interface Icon {
  /** A codicon's name. */
  readonly id: string;
  /** A theme colour's id. */
  readonly color?: string;
}

/** A row of the tree as data. */
export interface TreeNode {
  /** Stays the same as long as it stands for the same thing, so that open rows stay open. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** Markdown, foreign text in it escaped. */
  readonly tooltip: string;
  readonly icon: Icon;
  /** Words that the `when` clauses of menus look for. */
  readonly context: string;
  /** For a screen reader; the row's words in an order that can be listened to. */
  readonly spoken: string;
  readonly open: boolean;
  /** Whether its children are read when it is opened. */
  readonly lazy?: true;
  readonly children: readonly TreeNode[];
  readonly subject: Subject;
  /** What a click does, besides selecting. */
  readonly command?: CommandId;
}

/** Theme colours for states. */
export const colors = {
  good: 'testing.iconPassed',
  busy: 'charts.yellow',
  bad: 'list.errorForeground',
  warning: 'list.warningForeground',
  quiet: 'disabledForeground',
} as const;
