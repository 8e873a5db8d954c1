import type { errorsEn } from './errors.ts'

export const errorsEs: Record<keyof typeof errorsEn, string> = {
  'error.unavailable': 'El servicio no puede hacerlo ahora. Vuelve a intentarlo enseguida.',
  'error.not_found': 'Esto ya no existe. Recarga la página.',
  'error.disabled': 'Este servicio no está preparado para eso. Pregunta a quien lo gestiona.',
  'error.timed_out': 'Ha tardado demasiado. Comprueba tu conexión y vuelve a intentarlo.',
  'error.space': 'No queda espacio libre. Inténtalo más tarde.',
  'error.destination':
    'No se ha podido enviar un archivo a su destino. Comprueba que su dirección y sus credenciales son correctas y siguen valiendo, y reinténtalo.',
  'error.media':
    'No se ha podido procesar la fuente. Reinténtalo; si falla, conviértela antes a un MP4 común.',
  'error.source.headers':
    'Las cabeceras de la fuente no se guardan. Edita la tarea de nuevo y escríbelas, o sube el archivo.',
  'error.unknown':
    'El servicio ha dado una respuesta que la página no entiende. Vuelve a intentarlo enseguida.',
  'error.auth.link_invalid': 'Este enlace ya no vale. Pide otro.',
  'error.task.not_failed': 'Solo se reintentan tareas fallidas. Edita esta de nuevo.',
  'error.task.finished': 'La tarea ha terminado y ya no se puede cancelar. Elimínala.',
  'error.task.attempts_used_up': 'Todos los intentos han fallado. Mira abajo por qué y reintenta la tarea.',
  'error.task.crashes_workers':
    'La tarea necesita más memoria de la que hay. Usa una fuente o un encuadre más pequeños.',
  'error.task.worker_lost': 'El proceso dejó de responder. La tarea se reintenta en otro.',
  'error.upload.not_found': 'El archivo subido ya no se guarda. Añádelo otra vez.',
  'error.upload.in_use': 'Una tarea aún necesita esta subida. Espera a que termine o cancélala.',
  'error.upload.quota_exceeded':
    'Has agotado tu espacio para subidas. Las anteriores caducan solas; elimina alguna o inténtalo más tarde.',
  'error.upload.conflict': 'Esta subida ya está completa. Quita el archivo y añádelo otra vez.',
  'error.source.refused': 'El servicio no lee esta dirección. Usa un enlace público o sube el archivo.',
  'error.source.unavailable': 'El servidor no ha entregado la fuente. Comprueba el enlace y reinténtalo.',
  'error.source.denied':
    'El servidor no deja leer la fuente sin iniciar sesión. Usa un enlace público o firmado, o sube el archivo.',
  'error.source.not_found': 'El enlace no lleva a ningún archivo. Compruébalo.',
  'error.source.rejected':
    'El servidor se niega a entregar la fuente. Comprueba que el enlace está completo y no ha caducado.',
  'error.source.not_media': 'El enlace lleva a una página web, no a un vídeo. Usa la dirección del archivo.',
  'error.source.changed': 'La fuente ha cambiado mientras se leía. Reinténtalo cuando esté completa.',
  'error.source.too_large': 'La fuente es mayor de lo que acepta el servicio. Usa una más pequeña.',
  'error.media.unreadable':
    'La fuente no es un archivo de vídeo o audio que se pueda leer. Comprueba que está completo y que se reproduce.',
  'error.media.limits': 'La fuente supera un límite. Usa una más corta o pequeña. {message}',
  'error.media.impossible': 'La edición no encaja con la fuente. Edítala de nuevo. {message}',
  'error.media.timed_out':
    'Ha tardado más de lo que puede durar un intento. Reinténtalo o conserva menos de la fuente.',
  'error.media.too_long':
    'Tardaría demasiado. Conserva menos de la fuente, o elige un encuadre más pequeño o la calidad de borrador.',
  'error.media.wrong_result':
    'El resultado no era correcto y se ha descartado. Convierte antes la fuente a un MP4 común y reinténtalo.',
  'error.service.busy': 'El servicio está ocupado. Espera {seconds} y vuelve a intentarlo.',
  'error.internal.bug':
    'Algo ha fallado en el servicio. Vuelve a intentarlo; si se repite, avisa a quien lo gestiona.',
}
