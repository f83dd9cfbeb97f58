import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDataGrid,
  vsCodeDataGridCell,
  vsCodeDataGridRow,
  vsCodeTextField,
  type Button,
  type DataGrid,
  type DataGridCell,
  type DataGridRow,
  type TextField,
} from '@vscode/webview-ui-toolkit';
import { element, type Content } from './dom';

// The only module that knows the toolkit, so that it can be changed.

/** Makes the toolkit's elements known to the page. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeDataGrid(), vsCodeDataGridRow(), vsCodeDataGridCell(), vsCodeTextField());
}

export function button(label: string, appearance: 'primary' | 'secondary', onPress: () => void): Button {
  const made = element('vscode-button', { appearance }, label) as Button;
  made.addEventListener('click', onPress);
  return made;
}

export function textField(label: string, value: string, onInput: (value: string) => void): TextField {
  const made = element('vscode-text-field', { placeholder: label, 'aria-label': label, type: 'text' }) as TextField;
  made.value = value;
  made.addEventListener('input', () => onInput(made.value));
  return made;
}

/** A column's heading that can be pressed to sort by it. */
export interface Heading {
  readonly content: Content;
  readonly sorted: 'ascending' | 'descending' | 'none';
  readonly numeric: boolean;
}

/** A grid with a row of headings and rows of text. */
export function dataGrid(label: string, columns: string, headings: readonly Heading[], rows: readonly (readonly Content[])[]): DataGrid {
  const numeric = headings.map((heading) => heading.numeric);
  const head = element('vscode-data-grid-row', { 'row-type': 'header' }, ...headings.map((heading, index) => headingCell(heading, index)));
  const body = rows.map((cells) => element('vscode-data-grid-row', {}, ...cells.map((content, index) => cell(content, index, numeric[index] === true))));
  const grid = element('vscode-data-grid', { 'aria-label': label, 'generate-header': 'none', 'grid-template-columns': columns }, head, ...body) as DataGrid;
  for (const row of [head, ...body]) (row as DataGridRow).gridTemplateColumns = columns;
  return grid;
}

function headingCell({ content, sorted, numeric }: Heading, index: number): DataGridCell {
  const attributes = { 'cell-type': 'columnheader', 'grid-column': String(index + 1), 'aria-sort': sorted, class: numeric ? 'number' : '' };
  return element('vscode-data-grid-cell', attributes, content) as DataGridCell;
}

function cell(content: Content, index: number, numeric: boolean): DataGridCell {
  return element('vscode-data-grid-cell', { 'grid-column': String(index + 1), class: numeric ? 'number' : '' }, content) as DataGridCell;
}
