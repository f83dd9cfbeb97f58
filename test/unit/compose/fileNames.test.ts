import assert from 'node:assert/strict';
import { isComposeFileName, projectDefinitions, type ProjectDefinition } from '../../../src/compose/fileNames';

const main = (...files: readonly string[]): ProjectDefinition => ({ files, base: [] });
const variant = (name: string, file: string, ...base: readonly string[]): ProjectDefinition => ({ variant: name, files: [file], base });

describe('projectDefinitions', () => {
  const cases: readonly (readonly [names: readonly string[], expected: readonly ProjectDefinition[]])[] = [
    [[], []],
    [['README.md', 'package.json'], []],
    [['compose.yml'], [main('compose.yml')]],
    [['docker-compose.yaml'], [main('docker-compose.yaml')]],
    [['compose.override.yml', 'compose.yaml'], [main('compose.yaml', 'compose.override.yml')]],
    // Compose takes the first override there is, whatever the main file is called.
    [['compose.yaml', 'docker-compose.override.yml'], [main('compose.yaml', 'docker-compose.override.yml')]],
    [['docker-compose.yml', 'compose.override.yml', 'docker-compose.override.yml'], [main('docker-compose.yml', 'compose.override.yml')]],
    // An override file alone is no project.
    [['docker-compose.override.yml'], []],
    [
      ['docker-compose.yaml', 'docker-compose.prod.yaml'],
      [main('docker-compose.yaml'), variant('prod', 'docker-compose.prod.yaml', 'docker-compose.yaml')],
    ],
    [
      ['compose.yml', 'compose.override.yml', 'compose.dev.yml', 'docker-compose-test.yml'],
      [
        main('compose.yml', 'compose.override.yml'),
        variant('dev', 'compose.dev.yml', 'compose.yml', 'compose.override.yml'),
        variant('test', 'docker-compose-test.yml', 'compose.yml', 'compose.override.yml'),
      ],
    ],
    [
      ['docker-compose.dev.yml', 'docker-compose.prod.yml'],
      [variant('dev', 'docker-compose.dev.yml'), variant('prod', 'docker-compose.prod.yml')],
    ],
    [
      ['local.compose.yml', 'prod.docker-compose.yml'],
      [variant('local', 'local.compose.yml'), variant('prod', 'prod.docker-compose.yml')],
    ],
    [['docker-compose.example.yml', 'docker-compose.prod.sample.yml', 'template.compose.yml'], []],
    [['podman-compose.yml'], [main('podman-compose.yml')]],
    [
      ['compose.yaml', 'docker-compose.yml'],
      [main('compose.yaml'), variant('docker-compose.yml', 'docker-compose.yml')],
    ],
    [
      ['compose.yaml', 'podman-compose.yaml'],
      [main('compose.yaml'), variant('podman-compose.yaml', 'podman-compose.yaml')],
    ],
  ];
  for (const [names, expected] of cases) it(names.join(' ') || '(nothing)', () => assert.deepEqual(projectDefinitions(names), expected));
});

describe('isComposeFileName', () => {
  const cases: readonly (readonly [name: string, expected: boolean])[] = [
    ['compose.yaml', true],
    ['docker-compose.yml', true],
    ['docker-compose.override.yml', true],
    ['docker-compose.prod.yaml', true],
    ['Docker-Compose.yml', true],
    ['prod.compose.yml', true],
    ['docker-compose.example.yml', true],
    ['decompose.yml', false],
    ['compose.json', false],
    ['composer.yaml', false],
    ['compose', false],
    ['docker-compose.yml.bak', false],
  ];
  for (const [name, expected] of cases) it(`${name}: ${expected}`, () => assert.equal(isComposeFileName(name), expected));
});
