/** The smallest task there is: half a second of audio as MP3. */
export const tinyTask = (source: { url: string } | { upload_id: string }) => ({
  recipe: { sources: [source], output: { format: 'mp3' } },
})
