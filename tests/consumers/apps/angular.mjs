// Angular 21 with its builder for applications, which leaves the addresses of files as they are.

const VERSION = '21.2.27';
const CORE = '21.2.26';

/** @type {import('./app.mjs').App[]} */
export default [
  {
    name: 'angular',
    installed: [
      `@angular/build@${VERSION}`,
      `@angular/cli@${VERSION}`,
      ...['common', 'compiler', 'compiler-cli', 'core', 'platform-browser'].map((name) => `@angular/${name}@${CORE}`),
      'rxjs@7',
      'tslib@2',
      'typescript@5.9.3',
    ],
    scripts: { build: 'ng build' },
    files: {
      'angular.json': JSON.stringify({
        version: 1,
        projects: {
          app: {
            projectType: 'application',
            root: '',
            architect: {
              build: {
                builder: '@angular/build:application',
                options: {
                  browser: 'src/main.ts',
                  index: 'src/index.html',
                  tsConfig: 'tsconfig.json',
                  outputPath: { base: 'dist', browser: '' },
                  assets: [{ glob: '**/*', input: 'public' }],
                },
              },
            },
          },
        },
      }, null, 2),
      'tsconfig.json': JSON.stringify({ compilerOptions: { strict: true, target: 'ES2022', module: 'ES2022', moduleResolution: 'bundler', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [] }, files: ['src/main.ts'] }),
      'public/robots.txt': '',
      'src/index.html': '<!doctype html>\n<title>Angular</title>\n<base href="/">\n<app-classifier></app-classifier>\n',
      'src/main.ts': `import { Component, signal } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { Inception, type Prediction } from 'inception-web';
import googlenet from 'inception-web-googlenet';

@Component({
  selector: 'app-classifier',
  template: \`
    <input type="file" accept="image/*" [disabled]="net() === null" (change)="classify($event)">
    <output>{{ failure() }}</output>
    <ol>
      @for (prediction of predictions(); track prediction.index) {
        <li>{{ prediction.label }}<data [value]="prediction.probability"></data></li>
      }
    </ol>
  \`,
})
class Classifier {
  net = signal<Inception | null>(null);
  predictions = signal<Prediction[]>([]);
  failure = signal('');

  constructor() {
    Inception.load(googlenet).then((net) => this.net.set(net), this.fail);
  }

  async classify({ target }: Event) {
    const [picture] = (target as HTMLInputElement).files!;
    await this.net()!.classify(picture!, { topK: 5 }).then(({ predictions }) => this.predictions.set(predictions), this.fail);
  }

  fail = ({ code, message }: { code: string; message: string }) => this.failure.set(code + ': ' + message);
}

bootstrapApplication(Classifier);
`,
    },
    builds: [{ name: 'Angular', script: 'build', served: 'dist', assets: 'public', isIsolated: true }],
  },
];
