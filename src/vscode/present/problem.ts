import type { EndpointView } from '../../inventory/model';
import type { Translate } from './translate';

/** Why engines cannot be used, and what to do about each. */
export function problemText(t: Translate, endpoints: readonly EndpointView[]): { readonly message: string; readonly detail: string } {
  const problems = endpoints.flatMap(({ problem }) => problem ?? []);
  const [only, ...others] = problems;
  if (only === undefined) {
    return {
      message: t('No container engine was found.'),
      detail: t(
        'Looked for Docker (Desktop, rootless, Colima, OrbStack, Rancher Desktop) and Podman at their usual places, DOCKER_HOST and the Docker contexts.',
      ),
    };
  }
  if (others.length === 0) return { message: only.message, detail: only.remedy };
  return { message: t('No container engine can be used.'), detail: problems.map(({ message, remedy }) => `• ${message} ${remedy}`).join('\n') };
}
