#!/usr/bin/env node
// A bin of the root package would be linked into npx's cache again at every call.
import "../../cli/nixherd.js";
