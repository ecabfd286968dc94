# JSON Merge Patch (RFC 7396): sets are merged key by key, null takes a key away, everything else replaces.
# specs/merge-patch.ts is the same for the TypeScript side; a test holds them equal.
let
  mergePatch =
    target: patch:
    if !builtins.isAttrs patch then
      patch
    else
      let
        kept = builtins.removeAttrs (if builtins.isAttrs target then target else { }) (
          builtins.attrNames patch
        );
        changed = builtins.listToAttrs (
          builtins.concatMap (
            name:
            if patch.${name} == null then
              [ ]
            else
              [
                {
                  inherit name;
                  value = mergePatch (target.${name} or null) patch.${name};
                }
              ]
          ) (builtins.attrNames patch)
        );
      in
      kept // changed;
in
mergePatch
