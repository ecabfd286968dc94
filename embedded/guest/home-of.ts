/** A user's home folder inside a machine. */
export function homeOf(user: string): string {
  return user === "root" ? "/root" : `/home/${user}`;
}
