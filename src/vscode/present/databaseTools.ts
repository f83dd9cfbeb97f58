import { composeOrigin } from '../../compose/labels';
import type { ContainerSummary } from '../../engine/containers';
import { reachableHost } from './connectionUrl';

/** A tool that shows databases in a page of its own. */
export interface DatabaseTool {
  readonly name: string;
  readonly url: string;
}

// By the last part of the image's name, whoever publishes it; with the port of its page.
const tools: readonly (readonly [name: string, image: RegExp, port: number])[] = [
  ['pgAdmin', /(?:^|\/)pgadmin4?(?::|@|$)/, 80],
  ['Adminer', /(?:^|\/)adminer(?:-[\w-]+)?(?::|@|$)/, 8080],
  ['pgweb', /(?:^|\/)pgweb(?::|@|$)/, 8081],
];

/** The tools that run in a project and publish their page. */
export function databaseTools(containers: readonly ContainerSummary[], project: string): readonly DatabaseTool[] {
  return containers.flatMap(({ image, state, labels, name: container, ports }) => {
    const tool = tools.find(([, pattern]) => pattern.test(image));
    if (tool === undefined || state !== 'running' || composeOrigin(labels, container)?.project !== project) return [];
    const [name, , usual] = tool;
    const published = ports.filter(({ hostPort }) => hostPort !== undefined);
    const port = published.find(({ containerPort }) => containerPort === usual) ?? published[0];
    return port?.hostPort === undefined ? [] : [{ name, url: `http://${reachableHost(port.hostAddress ?? '')}:${port.hostPort}` }];
  });
}
