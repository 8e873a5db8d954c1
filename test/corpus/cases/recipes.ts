/** Recipes that many cases use: encoding must happen, not a copy. */
export const ENCODE = { output: { quality: 'draft' } }
export const TO_MP3 = { output: { format: 'mp3' } }
export const TO_WAV = { output: { format: 'wav' } }
export const COPY = { output: { format: 'mp4' } }
