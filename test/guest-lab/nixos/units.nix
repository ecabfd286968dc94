# The units of a system: what every machine needs to be reached, and those of its module.
config: platform:
{
  # Starts again what is ordered before sysinit.target.
  "sysinit-reactivation.target" = "[Unit]\nDescription=Reactivate sysinit units\n";
  "network-addresses.service" = ''
    [Unit]
    Before=network.target
    ${platform.networkNeeds}
    [Service]
    Type=oneshot
    RemainAfterExit=yes
    ExecStart=/bin/sh -ec '${config.networkUp}'
    ExecStop=/bin/sh -c '${config.networkDown}'
  '';
  "sshd.service" = ''
    [Unit]
    After=network-addresses.service
    X-StopIfChanged=false
    X-Restart-Triggers=${builtins.hashString "sha256" config.sshd}
    [Service]
    RuntimeDirectory=sshd
    ExecStartPre=/bin/sh -c 'test -e /etc/ssh/ssh_host_ed25519_key || ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key'
    ExecStart=/usr/sbin/sshd -D -e -f /etc/static/ssh/sshd_config
    KillMode=process
    Restart=always
    RestartSec=500ms
  '';
  "web.service" = ''
    [Service]
    ExecStart=/bin/sleep infinity
  '';
}
// config.units
