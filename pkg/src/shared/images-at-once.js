/** Images that are read, and on a GPU run, at once: no more are held in memory, however many there are. */
export const IMAGES_AT_ONCE = 8;
