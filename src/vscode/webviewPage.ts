import { env, Uri, type Webview } from 'vscode';
import { randomBytes } from 'node:crypto';

/** The page of a view that esbuild made of `webview-ui/<name>`. It may load its own script and style, and nothing else. */
export function pageHtml(webview: Webview, resources: Uri, name: string, title: string): string {
  const nonce = randomBytes(16).toString('base64');
  const uri = (file: string): string => webview.asWebviewUri(Uri.joinPath(resources, file)).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource} 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${attribute(env.language)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta property="csp-nonce" content="${nonce}"><!-- for an empty style element by which the toolkit tries what the browser can -->
  <title>${attribute(title)}</title>
  <link rel="stylesheet" href="${attribute(uri(`${name}.css`))}">
</head>
<body>
  <main id="content"></main>
  <script type="module" nonce="${nonce}" src="${attribute(uri(`${name}.js`))}"></script>
</body>
</html>`;
}

function attribute(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
