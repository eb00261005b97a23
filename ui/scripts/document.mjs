// The types of the API as this very program describes it: `go run` prints the
// document, so that no server and no port is needed.
import { execFileSync } from 'node:child_process';
import openapiTS, { astToString } from 'openapi-typescript';

const head = '// Made by `npm run types` from the OpenAPI document. Do not edit.\n';

export async function types() {
  const text = execFileSync('go', ['run', './internal/api/document'], { cwd: new URL('../../', import.meta.url), maxBuffer: 64 << 20 });
  const document = JSON.parse(text);
  for (const item of Object.values(document.paths)) for (const operation of Object.values(item)) lighten(operation);
  return head + astToString(await openapiTS(document, { exportType: true }));
}

// lighten leaves out what the console has once: every refusal is an
// ErrorDocument, and the headers of answers are not read.
function lighten(operation) {
  for (const [status, response] of Object.entries(operation.responses)) {
    if (status >= '400') delete operation.responses[status];
    delete response.headers;
  }
}
