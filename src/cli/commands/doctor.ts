import { examineFiles, type FileReport } from '../../persistence/doctor/composeDoctor';
import type { Diagnosis } from '../../persistence/doctor/examine';
import { events } from '../../persistence/doctor/survival';
import { Failure } from '../../protocol/failure';
import { listOption, type CommandResult, type PlainCommand } from '../command';
import { columns } from '../terminal';

/** Whether data survives what people do. Of Compose files, without any engine. */
export const doctorCommand: PlainCommand = {
  name: 'doctor',
  summary: 'say whether the data of a service survives what people do, and why',
  argument: ['[file]', 'a Compose file; no engine is asked'],
  options: [['-f, --file <path>', 'a Compose file; several are laid over one another in this order', 'repeated']],
  runPlain: async ({ argument, options }) => {
    const files = [...(argument === '' ? [] : [argument]), ...listOption(options, 'file')];
    if (files.length === 0) throw new Failure('USAGE', 'No Compose file was given.', 'Give its path: container-databases doctor compose.yaml');
    return fileResult(await examineFiles(files, process.env));
  },
};

function fileResult({ services, problems }: FileReport): CommandResult {
  const warnings = problems.map(({ message, range }) => `Line ${range.line + 1}: ${message}`);
  return { value: { services: services.map(diagnosisListing) }, lines: [...linesOf(services), ...warnings] };
}

/** The shape that scripts rely on. */
function diagnosisListing({ service, verdict, findings, survives, place }: Diagnosis): unknown {
  return {
    service,
    verdict,
    reasons: findings.map(({ message }) => message),
    survives,
    dataDirectory: place?.directory ?? null,
    place: place?.kind ?? null,
    findings: findings.map(({ code, severity, message, range }) => ({
      code,
      severity,
      message,
      ...(range === undefined ? {} : { file: range.file ?? null, line: range.line + 1 }),
    })),
  };
}

function linesOf(services: readonly Diagnosis[]): readonly string[] {
  if (services.length === 0) return ['No database service was found in it.'];
  const words = (survives: boolean | null): string => (survives === null ? 'unknown' : survives ? 'survives' : 'lost');
  return services.flatMap(({ service, verdict, findings, survives }, index) => [
    ...(index === 0 ? [] : ['']),
    `${service}: ${verdict}`,
    ...findings.map(({ severity, message }) => `  ${severity === 'danger' ? '!' : severity === 'unsure' ? '?' : '-'} ${message}`),
    ...columns(events.map((event) => [`  ${event}`, words(survives[event])])),
  ]);
}
