import { NixherdError } from "../../../lib/errors.ts";
import type { SiteSpec } from "../../../specs/site-spec.ts";
import type { ExportedFleet, ExportedStack } from "./exported-stack.ts";

/** What the repository does not say about the Kubernetes cluster. */
export interface ControllerRequest {
  readonly namespace: string;
  /** The Flux source whose artifact holds the synthesised repository. */
  readonly source: { readonly kind: string; readonly name: string };
  /** Whether plans are applied without anybody's approval. */
  readonly isAutoApproved: boolean;
  /** Secret whose entries become the runner's environment: endpoint, token, credentials of the backend. */
  readonly secret: string;
  /** Image of the runner; undefined is the controller's own. */
  readonly image: string | undefined;
}

/** The provider finishes a clone before it ends: as long as `nixherd apply` waits before it kills Terraform. */
const graceSeconds = 2700;

const hour = "3600s";

const objectName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The Terraform objects of tofu-controller for the stacks, one each (infra.contrib.fluxcd.io/v1alpha2, as in
 * tofu-controller 0.16.5). A state in a file would be lost with the runner, so such a stack gets the controller's own
 * backend; every other one keeps its own.
 * @throws USAGE for a stack whose name no object can have
 */
export function terraformResources({ site, stacks }: ExportedFleet, request: ControllerRequest): object[] {
  for (const { name } of stacks) refuseName(name);
  return stacks.map((stack) => ({
    apiVersion: "infra.contrib.fluxcd.io/v1alpha2",
    kind: "Terraform",
    metadata: { name: stack.name, namespace: request.namespace },
    spec: { ...what(stack, request), ...when(site), ...how(site, request) },
  }));
}

function what({ name, backend, dependencies }: ExportedStack, request: ControllerRequest): object {
  return {
    sourceRef: request.source,
    path: `./cdktf.out/stacks/${name}`,
    ...(request.isAutoApproved ? { approvePlan: "auto" } : {}),
    ...(backend === "local" ? {} : { backendConfig: { disable: true } }),
    ...(dependencies.length === 0 ? {} : { dependsOn: dependencies.map((each) => ({ name: each })) }),
    destroyResourcesOnDeletion: false,
  };
}

function when({ watch }: SiteSpec): object {
  const { driftEverySeconds, retrySeconds, longestRetrySeconds } = watch;
  return {
    ...(driftEverySeconds === 0
      ? { interval: hour, disableDriftDetection: true }
      : { interval: `${driftEverySeconds}s` }),
    retryInterval: `${retrySeconds}s`,
    retryStrategy: "ExponentialBackoff",
    maxRetryInterval: `${longestRetrySeconds}s`,
  };
}

function how({ terraform }: SiteSpec, { secret, image }: ControllerRequest): object {
  const environment = { envFrom: [{ secretRef: { name: secret } }] };
  return {
    parallelism: terraform.parallelism,
    storeReadablePlan: "human",
    tfstate: { lockTimeout: "300s" },
    runnerTerminationGracePeriodSeconds: graceSeconds,
    runnerPodTemplate: { spec: { ...(image === undefined ? {} : { image }), ...environment } },
  };
}

function refuseName(name: string): void {
  if (objectName.test(name)) return;
  throw new NixherdError("USAGE", {
    message: `No object of Kubernetes can have the name of stack ${name}.`,
    hint: "Name it with lower-case letters, digits and inner hyphens, at most 63.",
  });
}
