# Files into a machine and out of it, by Packer's two ways; no machine is made.

variable "method" {
  type = string
}

variable "host" {
  type = string
}

variable "bastion" {
  type = object({
    host             = string
    port             = number
    username         = string
    private_key_file = string
  })
}

variable "folder" {
  type        = string
  description = "Folder of this computer whose folder given/ goes in, and to which one file of it comes back."
}

source "null" "machine" {
  communicator             = "ssh"
  ssh_host                 = var.host
  ssh_username             = "root"
  ssh_private_key_file     = var.bastion.private_key_file
  ssh_file_transfer_method = var.method
  ssh_timeout              = "1m"

  ssh_bastion_host             = var.bastion.host
  ssh_bastion_port             = var.bastion.port
  ssh_bastion_username         = var.bastion.username
  ssh_bastion_private_key_file = var.bastion.private_key_file
}

build {
  sources = ["source.null.machine"]

  provisioner "file" {
    source      = "${var.folder}/given"
    destination = "/var/lib"
  }
  provisioner "shell" {
    inline = ["mv \"$NIXHERD_ROOT/var/lib/given/deep/file\" \"$NIXHERD_ROOT/var/lib/file\""]
  }
  provisioner "file" {
    direction   = "download"
    source      = "/var/lib/file"
    destination = "${var.folder}/came back"
  }
}
