import { MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { TreeNode } from '../present/treeNode';

/** A row as the editor wants it. */
export function treeItem(node: TreeNode): TreeItem {
  const item = new TreeItem(node.label, collapsible(node));
  item.id = node.id;
  item.description = node.description;
  item.tooltip = new MarkdownString(node.tooltip);
  item.iconPath = new ThemeIcon(node.icon.id, node.icon.color === undefined ? undefined : new ThemeColor(node.icon.color));
  item.contextValue = node.context;
  item.accessibilityInformation = { label: node.spoken };
  if (node.command !== undefined) item.command = { command: node.command, title: node.label, arguments: [node] };
  return item;
}

/** All rows of these and beneath them. */
export function flat(nodes: readonly TreeNode[]): readonly TreeNode[] {
  return nodes.flatMap((node) => [node, ...flat(node.children)]);
}

function collapsible({ children, open, lazy }: TreeNode): TreeItemCollapsibleState {
  if (children.length === 0 && lazy !== true) return TreeItemCollapsibleState.None;
  return open ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed;
}
