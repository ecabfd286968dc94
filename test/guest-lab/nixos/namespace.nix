# What a system has to be like on a machine that is a namespace: others start it, and see to its devices.
{
  masked = [
    "systemd-udevd.service"
    "systemd-modules-load.service"
  ];
  wanted = { };
  address = "$(cat /etc/lab/address)";
  networkNeeds = "";
  kernelParams = [ ];
  makeKernel = version: "echo kernel ${version} > $out/bzImage; echo initrd ${version} > $out/initrd";
}
