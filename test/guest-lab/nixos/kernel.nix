# What a system has to be like on a machine with a kernel of its own.
{
  masked = [ ];
  # The agent is the template's, as with services.qemuGuest: no activation touches it.
  wanted = {
    "qemu-guest-agent.service" = "multi-user.target";
  };
  address = "$(cat /sys/class/dmi/id/product_serial)";
  networkNeeds = ''
    Requires=sys-subsystem-net-devices-eth0.device
    After=sys-subsystem-net-devices-eth0.device
  '';
  kernelParams = [
    "root=/dev/vda1"
    "rw"
    "console=ttyS0"
    "net.ifnames=0"
    "mitigations=off"
    # On a busy computer an emulated device may take longer than systemd waits for one.
    "systemd.default_device_timeout_sec=600"
  ];
  makeKernel = version: "cp /boot/vmlinuz-* $out/bzImage; cp /boot/initrd.img-* $out/initrd";
}
