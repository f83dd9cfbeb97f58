import { source as axe } from 'axe-core';
import type { Frame, FrameLocator } from 'playwright-core';

/** What is used of axe's answer. */
interface AxeFindings {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** What axe finds serious in the page of a webview. The text of axe is run past the policy of the page, as a debugger does. */
export async function seriousIn(page: FrameLocator): Promise<readonly string[]> {
  const frame = await frameOf(page);
  await frame.evaluate(axe);
  const { violations } = await frame.evaluate<AxeFindings>('axe.run(document, { resultTypes: ["violations"] })');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`));
}

/** The frame that the page of a webview lies in. */
export async function frameOf(page: FrameLocator): Promise<Frame> {
  const frame = await (await page.locator('html').elementHandle())?.ownerFrame();
  if (frame === null || frame === undefined) throw new Error('The webview has no frame');
  return frame;
}
