// Which pages Mintlify makes of each specification on standard input: see openapi_pages in renderers.py.
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const { generateOpenApiPages } = await import(
  pathToFileURL(path.join(process.argv[2], '@mintlify', 'common', 'dist', 'index.js'))
);

const answers = JSON.parse(await text(process.stdin)).map((spec) =>
  generateOpenApiPages({ spec, specFilePath: 'api.json' }).map((page) => page.href),
);
console.log(JSON.stringify(answers));
