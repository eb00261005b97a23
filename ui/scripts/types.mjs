// Writes anew what is made of the API's document: its types, and the list of
// what of it the console does not use.
import { writeFileSync } from 'node:fs';
import { types } from './document.mjs';
import { unused } from './unused.mjs';

const schema = await types();
writeFileSync(new URL('../src/api/schema.d.ts', import.meta.url), schema);
writeFileSync(new URL('../src/api/unused.txt', import.meta.url), unused(schema));
